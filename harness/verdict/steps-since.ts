import type { StepDraft } from '../protocols/base/judge/step.ts';

/**
 * The steps that had not ended at a moment: all that can have begun since, and few of a client that boots all day. Steps
 * come in the order of their ends.
 */
export function stepsSince(steps: readonly StepDraft[], atUs: number): readonly StepDraft[] {
  return steps.slice(steps.findLastIndex(({ endUs }) => endUs < atUs) + 1);
}
