import type { DeadlineEvent, ProtocolEvent } from '../observe/seen.ts';
import type { BudgetName } from './waits.ts';
import { recordedStep, type Sighting, type StepDraft } from './step.ts';

/** One member for each `type`: several event types share a shape, and XState narrows by the member. */
type EachType<E extends { readonly type: string }> = E extends { readonly type: infer T extends string }
  ? T extends string
    ? Omit<E, 'type'> & { readonly type: T }
    : never
  : never;

/** What a protocol machine may be sent: whatever the observer saw, and the deadline that its own state named. */
export type MachineEvent = EachType<ProtocolEvent> | DeadlineEvent;

/** `meta` of a state that waits: for what, and which budget bounds the wait (counted from `context.since`). */
export interface WaitMeta {
  readonly waitsFor: string;
  readonly budget: BudgetName;
}

/** What every machine's context has: since when its state has been waiting. */
export interface Waiting {
  readonly since: Sighting;
}

/** Nothing seen yet. */
export const UNSEEN: Sighting = { frame: 0, atUs: 0 };

/**
 * The one action of every machine. It does nothing: `transition()` returns it with its params, and the judge collects
 * those.
 */
export const machineActions = {
  step: (_: unknown, _draft: StepDraft): void => undefined,
};

/** Frame and time of an event, without holding on to the rest of it. */
export function seen(event: Sighting): Sighting {
  return { frame: event.frame, atUs: event.atUs };
}

/** The recorded step of an event that no state of `machine` expected. */
export function unexpectedStep(
  machine: string,
  event: MachineEvent,
  detail: Readonly<Record<string, string | number | boolean | undefined>> = {},
): StepDraft {
  const at: Sighting = 'frame' in event ? seen(event) : { frame: 0, atUs: event.atUs };
  // `malformed` is the one event type without a dot; step names have one.
  const step = event.type.includes('.') ? event.type : `${machine}.${event.type}`;
  return recordedStep({ machine, step, at, detail, why: `no state of the ${machine} machine expected it` });
}
