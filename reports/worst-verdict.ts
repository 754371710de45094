import type { Step, Verdict } from './result.ts';

/** The worst of several verdicts: error, then failed, then skipped, then passed; nothing at all is skipped. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  for (const worst of ['error', 'failed'] as const) if (verdicts.includes(worst)) return worst;
  return verdicts.includes('passed') ? 'passed' : 'skipped';
}

/** Whether a step, a client or a scenario failed, or broke. */
export function isBad({ verdict }: { readonly verdict: Step['verdict'] }): boolean {
  return verdict === 'failed' || verdict === 'error';
}
