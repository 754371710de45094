/** A capture, or an option, of which no scenario can be made: what was expected, what there is, and the way on. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}
