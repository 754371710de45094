import { roomOfStep } from '../../protocols/rooms.ts';
import { wordsOf } from '../../protocols/words.ts';
import type { Expectation } from '../../plan/plan.ts';
import { misfits } from './matching.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';

/** What a step is to an expectation list. */
type Reception = 'matched' | 'allowed' | 'unexpected';

/** A scenario's expectations, met in order by the steps as they come. */
export interface Expectations {
  /** Takes the next step; `unexpected` only when the scenario is strict. */
  accept(step: StepDraft): Reception;
  /** The first expectation that no step has met; undefined when all are. */
  readonly next: Expectation | undefined;
  /** All that are not met, `next` first. */
  unmet(): readonly Expectation[];
  /** Steps that could still meet `next`: those after the one that met its predecessor. */
  candidates(): readonly StepDraft[];
}

// Any room may record the first two of any conversation; the others are of the whole boot.
const OF_ANY_ROOM = /\.(unfinished|abandoned)$|^(boot|profile)\./;

/** Creates the expectations of one client, all unmet. */
export function createExpectations(list: readonly Expectation[], strict: boolean): Expectations {
  const steps: { readonly step: StepDraft; taken: boolean }[] = [];
  const metBy: number[] = [];

  const floorOf = (index: number): number => {
    if (index === 0) return -1;
    return isConcurrent(list[index]) && isConcurrent(list[index - 1]) ? floorOf(index - 1) : (metBy[index - 1] ?? -1);
  };
  const meet = (from: number): void => {
    const wanted = list[metBy.length];
    if (!wanted) return;
    // Thousands of steps may lie before the first one that counts.
    const found = steps.slice(from).findIndex((entry) => !entry.taken && meets(entry.step, wanted)) + from;
    const entry = found < from ? undefined : steps[found];
    if (!entry) return;
    entry.taken = true;
    metBy.push(found);
    // The next expectation may have been met already only where the order between the two is free.
    meet(floorOf(metBy.length) + 1);
  };
  return {
    accept(step) {
      const index = steps.push({ step, taken: false }) - 1;
      const position = metBy.length;
      meet(index);
      if (steps[index]?.taken) return 'matched';
      return strict && !isAllowed(step, list, position) ? 'unexpected' : 'allowed';
    },
    get next() {
      return list[metBy.length];
    },
    unmet: () => list.slice(metBy.length),
    candidates: () => steps.slice(floorOf(metBy.length) + 1).flatMap((entry) => (entry.taken ? [] : [entry.step])),
  };
}

/** Whether a step is what an expectation asks for. */
export function meets(step: StepDraft, wanted: Expectation): boolean {
  if (step.step !== wanted.step) return false;
  if (step.verdict !== 'passed' && !(step.verdict === 'recorded' && wordsOf(step.step)?.expectable)) return false;
  return misfits(step.detail, wanted.with).length === 0;
}

function isAllowed(step: StepDraft, list: readonly Expectation[], position: number): boolean {
  if (step.verdict === 'failed' || isIncidental(step)) return true;
  if (step.verdict === 'recorded') return list.some((wanted) => wanted.step === step.step);
  const last = list[position - 1];
  // The same step once more: a second DISCOVER, the read that follows a size probe.
  if (last?.step === step.step && misfits(step.detail, last.with).length === 0) return true;
  return isConcurrent(step) && list.slice(position).some((wanted) => wanted.step === step.step);
}

/** Whether the order between this step and others such is free, as its room declares. */
function isConcurrent(step: Pick<StepDraft, 'step'> | undefined): boolean {
  return step !== undefined && wordsOf(step.step)?.concurrent === true;
}

/** Whether a strict scenario allows a step anywhere: caches and stacks decide when it comes. */
function isIncidental({ step }: StepDraft): boolean {
  return OF_ANY_ROOM.test(step) || roomOfStep(step)?.incidental === true;
}
