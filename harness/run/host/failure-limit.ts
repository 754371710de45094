import type { Verdict } from '../../../reports/result.ts';
import { plural } from '../../../reports/text.ts';
import { isBad } from '../../../reports/worst-verdict.ts';

/** Counts scenarios that did not pass, up to the number at which no further boot begins. */
export interface FailureLimit {
  count(verdict: Verdict): void;
  /** Why a scenario does not begin any more; undefined while it may. */
  reached(): string | undefined;
}

/** `most` undefined: every scenario begins. */
export function failureLimit(most: number | undefined): FailureLimit {
  let failures = 0;
  return {
    count(verdict) {
      if (isBad({ verdict })) failures += 1;
    },
    // What ran when the limit was reached is not counted: the sentence is the same for every scenario that did not run.
    reached: () =>
      most !== undefined && failures >= most
        ? `not run: the run ended after ${plural(most, 'failure')} (--max-failures ${most})`
        : undefined,
  };
}
