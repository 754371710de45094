import type { StepDraft } from '../protocols/base/judge/step.ts';

/**
 * How much later than another step one may come that ended before it, microseconds: what a connection of a doubtful capture
 * shows to be lost is told when nothing has come on it for ten seconds, and looked for every second
 * (`protocols/tcp/observe/connection.ts`).
 */
const LATE_US = 12_000_000;

const withLate = new WeakSet<readonly StepDraft[]>();

/** From now on a step of these may come after others that ended later. */
export function expectLate(steps: readonly StepDraft[]): void {
  withLate.add(steps);
}

/**
 * The steps that had not ended at a moment: all that can have begun since, and few of a client that boots all day. Steps
 * come in the order of their ends, and late where `expectLate` said so.
 */
export function stepsSince(steps: readonly StepDraft[], atUs: number): readonly StepDraft[] {
  const untilUs = withLate.has(steps) ? atUs - LATE_US : atUs;
  return steps.slice(steps.findLastIndex(({ endUs }) => endUs < untilUs) + 1);
}
