import type { Verdict } from '../../reports/result.ts';
import { EXIT } from '../../servers/service/exit-codes.ts';

export { EXIT };

/** Exit code for a whole run: nothing but skipped scenarios counts as passed, and what is inconclusive did not pass. */
export function exitCodeOf(verdict: Verdict): number {
  if (verdict === 'failed' || verdict === 'inconclusive') return EXIT.failed;
  return verdict === 'error' ? EXIT.labError : EXIT.passed;
}
