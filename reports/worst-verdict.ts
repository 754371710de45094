import type { Step, Verdict } from './result.ts';

/** The worst of several verdicts: error, then failed, then inconclusive, then passed; nothing but skipped is skipped. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  for (const worst of ['error', 'failed', 'inconclusive'] as const) if (verdicts.includes(worst)) return worst;
  return verdicts.includes('passed') ? 'passed' : 'skipped';
}

/** Whether a step, a client or a scenario failed, or broke. */
export function isBad({ verdict }: { readonly verdict: Verdict | Step['verdict'] }): boolean {
  return verdict === 'failed' || verdict === 'error';
}

/** Whether a client or a scenario has to be looked at: it failed or broke, or its capture does not tell how it ended. */
export function needsAttention({ verdict }: { readonly verdict: Verdict }): boolean {
  return isBad({ verdict }) || verdict === 'inconclusive';
}
