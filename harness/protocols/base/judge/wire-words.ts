import type { Causes } from './vocabulary.ts';

/** Causes that any protocol's message may have. */
export const WIRE_CAUSES = {
  'malformed-message': { why: 'a message does not decode to its end: the frame shows where it breaks off' },
} as const satisfies Causes;
