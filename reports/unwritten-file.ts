import { getSystemErrorMessage } from 'node:util';

/** A file of the run that could not be written, as on a full disk: the run has no report, so it is an error. */
export class UnwrittenFileError extends Error {
  override readonly name = 'UnwrittenFileError';
  readonly code = 'LAB_ERROR';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`${path} could not be written: ${systemReason(cause)}`, { cause });
    this.path = path;
  }
}

/** The system's words and its code, for people and for a search: `no space left on device (ENOSPC)`. */
function systemReason(error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  return errno === undefined || code === undefined ? message : `${getSystemErrorMessage(errno)} (${code})`;
}

/** Turns the rejection of a write to `path` into an error that names it: `writeFile(path, text).catch(unwritten(path))`. */
export function unwritten(path: string): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof UnwrittenFileError ? cause : new UnwrittenFileError(path, cause);
  };
}
