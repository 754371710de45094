import { defined } from '../../../servers/service/defined.ts';
import type { Step } from '../../../reports/result.ts';
import type { Expectation, StoryPlan } from '../../plan/plan.ts';
import { recordedStep } from '../../protocols/base/judge/step-builders.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import type { StepName } from '../../protocols/words.ts';
import { type Ending, showExpectation } from '../diagnosis/diagnosis.ts';

// Steps that the story itself makes, and steps as the Result has them.

/** A draft in the Result's form: times in milliseconds from `startUs`. */
export function toStep(draft: StepDraft, startUs: number): Step {
  return {
    machine: draft.machine,
    step: draft.step,
    verdict: draft.verdict,
    atMs: (draft.startUs - startUs) / 1000,
    durationMs: (draft.endUs - draft.startUs) / 1000,
    frames: [...draft.frames],
    ...(Object.keys(draft.detail).length === 0 ? {} : { detail: { ...draft.detail } }),
    ...defined({ expected: draft.expected, actual: draft.actual, why: draft.why, cause: draft.cause }),
  };
}

/** Adds to the message how long a phase took that exceeded its budget and ended after all. */
export function withDuration(step: Step, phases: Readonly<Record<string, number>>): Step {
  const tookMs = step.step === 'boot.phase' ? phases[String(step.detail?.['phase'])] : undefined;
  return tookMs === undefined ? step : { ...step, actual: `${step.actual ?? ''}, it took ${Math.round(tookMs)} ms` };
}

/** An expectation that was not reached, and why. */
export function skippedStep(expectation: Expectation, why: string, atMs: number): Step {
  return {
    machine: expectation.step.split('.')[0] ?? 'boot',
    step: expectation.step,
    verdict: 'skipped',
    atMs,
    durationMs: 0,
    frames: [],
    expected: showExpectation(expectation),
    why: `not reached: ${why}`,
  };
}

/** That another failure came than the scenario wants, with step and cause of both. */
export function mismatchText(wanted: StoryPlan['expectFailure'], found: StepDraft | undefined): string | undefined {
  if (!wanted || !found || found.cause === 'failure-missing') return undefined;
  const show = (step: string, cause: string | undefined): string =>
    `${step}${cause === undefined ? '' : ` (${cause})`}`;
  return `the scenario wants another failure: expected ${show(wanted.step, wanted.cause)}, found ${show(found.step, found.cause)}`;
}

/** Steps that say by themselves what is odd about a boot that may pass. */
const NOTICED: readonly string[] = ['boot.repeated', 'boot.reinstalled', 'tls.transfer'] satisfies readonly StepName[];

/** What a result says of a client beside its failed steps: that another failure was wanted, and what was noticed. */
export function findingsOf(drafts: readonly StepDraft[], mismatch: string | undefined): string[] {
  // What comes again counts on: its last step says how often.
  const same = Map.groupBy(
    drafts.filter(({ step }) => NOTICED.includes(step)),
    ({ step, detail }) => JSON.stringify([step, detail['path'], detail['image']]),
  );
  const noticed = [...same.values()].flatMap((steps) => steps.at(-1)?.why ?? []);
  return mismatch === undefined ? noticed : [mismatch, ...noticed];
}

/** The failed step of a scenario that wants a failure which did not come. */
export function failureMissing(wanted: { readonly step: string; readonly cause?: string }, end: Ending): StepDraft {
  const { atUs } = end;
  return {
    machine: wanted.step.split('.')[0] ?? 'boot',
    step: wanted.step,
    verdict: 'failed',
    startUs: atUs,
    endUs: atUs,
    frames: [],
    detail: {},
    expected: `${wanted.step} to fail${wanted.cause === undefined ? '' : ` with cause ${wanted.cause}`}`,
    actual: end.how === 'idle' ? `nothing failed; ${end.reason}` : 'nothing failed',
    cause: 'failure-missing',
  };
}

/** `kind.unfinished`: what was still waiting when the story ended. */
export function unfinishedStep(
  kind: string,
  waitsFor: string,
  since: { frame: number; atUs: number },
  atUs: number,
  path: string | undefined,
): StepDraft {
  return recordedStep(kind, {
    step: `${kind}.unfinished`,
    from: since,
    at: { frame: since.frame, atUs: Math.max(atUs, since.atUs) },
    detail: { path },
    why: `still waiting for ${waitsFor} when the story ended`,
  });
}
