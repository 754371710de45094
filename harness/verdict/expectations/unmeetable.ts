import type { Expectation } from '../../plan/plan.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { toBootEvent } from '../boot/boot-events.ts';
import { meets } from './expectations.ts';

/** Steps of the firmware and of the programs that it loads, which no booted system takes (PXE 2.1, harness/docs/protocols.md 1.2). */
const BEFORE_SYSTEM = /^(proxydhcp|wdsnbp)\./;
/** Steps that a booted system may take, too. */
const LOADING = /^(dhcp|tftp)\./;

/**
 * Whether a step that was just seen shows that the first of `unmet` can no longer come before those that follow it:
 * the boot has passed by (harness/docs/decisions/132-expectations-that-cannot-be-met.md). One story is one power-on, and
 * until a booted system speaks, the client may begin anew: nothing is given up before that.
 */
export function isPassedBy(unmet: readonly Expectation[], seen: StepDraft): boolean {
  const [next, ...later] = unmet;
  if (next === undefined || seen.verdict !== 'passed') return false;
  const isOfSystem = speaksAsSystem(seen.step);
  if (
    (isOfSystem || toBootEvent(seen).type === 'address-asked-by-guest') &&
    // Those before it in the list are overdue with it.
    BEFORE_SYSTEM.test(unmet.find(({ step }) => !LOADING.test(step))?.step ?? '')
  )
    return true;
  // TFTP and DHCP are spoken by systems, too; here the scenario's own order says that this step is overdue.
  return (
    isOfSystem &&
    (BEFORE_SYSTEM.test(next.step) || LOADING.test(next.step)) &&
    later.some((expectation) => meets(seen, expectation))
  );
}

const speaksAsSystem = (step: string): boolean => roomOfStep(step)?.boot?.speaker === 'system';
