import type { Verdict } from '../../reports/result.ts';

/**
 * Exit codes of the command line (harness/docs/design.md, Contracts). Unusable input is what the user gave and can mend:
 * an option, a scenario, a capture, a result.json that is cut or altered. A Result of ours that breaks its schema as it
 * is written is a lab error.
 */
export const EXIT = { passed: 0, failed: 1, labError: 2, unusableInput: 3 } as const;

/** Exit code for a whole run; nothing but skipped scenarios counts as passed. */
export function exitCodeOf(verdict: Verdict): number {
  if (verdict === 'failed') return EXIT.failed;
  return verdict === 'error' ? EXIT.labError : EXIT.passed;
}
