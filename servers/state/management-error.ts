/**
 * What an administrator asked for cannot be done as it stands; expected and got are in the message, and nothing was
 * changed.
 */
export class ManagementError extends Error {
  override readonly name = 'ManagementError';
}
