import type { Verdict } from '../result.ts';

/** Verdicts, what needs attention first. */
export const VERDICT_ORDER: readonly Verdict[] = ['failed', 'error', 'inconclusive', 'passed', 'skipped'];
