import type { Causes } from './vocabulary.ts';

/** Causes that any protocol's message may have. */
export const WIRE_CAUSES = {
  'malformed-message': { why: 'a message does not decode completely: the frame shows where decoding stops' },
} as const satisfies Causes;
