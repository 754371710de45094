import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { treePath } from '../../scenario/trees.ts';
import type { AskedFile } from '../facts/files.ts';
import type { Fact } from '../facts/fact.ts';

/** TFTP's “file not found” (RFC 1350) and HTTP's (RFC 9110). */
export const NOT_FOUND: ReadonlySet<number> = new Set([1, 404, 410]);
/** TFTP's “access violation”. */
export const ACCESS_VIOLATION = 2;

/** A file that the server had. */
export interface ServerFile {
  /** As the client asked for it. */
  readonly path: string;
  /** Below the service's root, with forward slashes. */
  readonly place: string;
  readonly size: Fact<number> | undefined;
  readonly frame: number;
  /** The request whose transfer has all of its bytes. */
  readonly whole: AskedFile | undefined;
}

/**
 * What a server had of the files that it was asked for: all that it did not say to lack. `hidden`: the capture has none
 * of its answers, and what boot programs only try was not there.
 */
export function filesOf(asked: readonly AskedFile[], hidden = false): ServerFile[] {
  const there = asked.filter(
    (file) => (hidden ? !isProbeName(file.path) : isThere(file)) && treePath(file.path) !== '',
  );
  return [...Map.groupBy(there, ({ path }) => treePath(path).toLowerCase()).values()].flatMap((same) => {
    const whole = same.find((file) => file.whole !== undefined);
    const one = whole ?? same.find(({ size }) => size !== undefined) ?? same[0];
    return one === undefined
      ? []
      : [{ path: one.path, place: treePath(one.path), size: one.size, frame: one.frame, whole }];
  });
}

/** Names that the server said to lack. */
export function missingFrom(asked: readonly AskedFile[]): AskedFile[] {
  return asked.filter(({ refused }) => refused?.by === 'server' && NOT_FOUND.has(refused.value));
}

/** Whether a server answered the request at all. */
export const isAnswered = ({ delayMs }: AskedFile): boolean => delayMs !== undefined;

/** A refusal for any other reason shows that the file is there, or says nothing of it. */
function isThere({ refused, size, whole, delayMs }: AskedFile): boolean {
  if (refused?.by === 'server' && NOT_FOUND.has(refused.value)) return false;
  return delayMs !== undefined || size !== undefined || whole !== undefined;
}
