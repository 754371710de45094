import type { Standstill } from '../verdict/machines/standstills.ts';

/**
 * Two looks that are so far apart, of those that follow each other in a fifth of a second, say that nothing ran between them. A busy host is
 * late by a second at most, and every wait has room for that.
 */
export const STANDSTILL_MS = 5000;

/** Notices that the host stood still, or that its clock was set forward: captured frames carry the time of that clock. */
export interface StandstillWatch {
  /** To be called often, and before anything is judged by the clock. */
  look(): void;
}

export function watchForStandstills(
  onStandstill: (span: Standstill) => void,
  nowMs: () => number = Date.now,
): StandstillWatch {
  let lookedMs = nowMs();
  return {
    look() {
      const fromMs = lookedMs;
      lookedMs = nowMs();
      if (lookedMs - fromMs >= STANDSTILL_MS) onStandstill({ fromUs: fromMs * 1000, toUs: lookedMs * 1000 });
    },
  };
}
