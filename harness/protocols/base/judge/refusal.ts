import type { Sighting } from './step.ts';

/**
 * What says that a request will not be answered, while its wait goes on: the client may ask again and be answered after
 * all. A wait that ends without an answer fails for this reason.
 */
export interface Refusal {
  readonly cause: string;
  /** Who says what, in words. */
  readonly actual: string;
  /** The first message that says it. */
  readonly at: Sighting;
  /** Messages that say it. */
  readonly times: number;
}
