import type { DeadlineEvent } from '../observe/seen.ts';
import type { LadderName } from './ladders.ts';
import type { Refusal } from './refusal.ts';
import type { Sighting, StepDraft } from './step.ts';

/** One member for each `type`: several event types share a shape, and XState narrows by the member. */
type EachType<E extends { readonly type: string }> = E extends { readonly type: infer T extends string }
  ? T extends string
    ? Omit<E, 'type'> & { readonly type: T }
    : never
  : never;

/** What a machine may be sent: the events that its room names, and the deadline that its own state named. */
export type MachineEvent<E extends { readonly type: string }> = EachType<E> | DeadlineEvent;

/**
 * `meta` of a state that waits: for what, and which budget bounds the wait (counted from `context.since`). `W`: the
 * waits that the room declares.
 */
export interface WaitMeta<W extends string> {
  readonly waitsFor: string;
  readonly budget: W;
  /** How the request that waits for its answer is repeated; absent where nobody repeats it. */
  readonly ladder?: LadderName;
}

/** What every machine's context has: since when its state has been waiting. */
export interface Waiting {
  readonly since: Sighting;
  /** No boot depends on the answer: silence is nothing that went wrong, and the end of a capture leaves nothing open. */
  readonly aside?: boolean;
  /** How long the answer may take, as the request itself says; it goes before the wait's own time. */
  readonly allowedMs?: number;
  /** False when it is another host that asks, for the client: it has a ladder of its own. */
  readonly byClient?: boolean;
  /** What came already shows why the answer will not come: the end of the phase's budget is then the end of this wait. */
  readonly fruitless?: boolean;
  /** Whoever asks has left, and only its return is waited for: the end of a capture is then the end of this wait. */
  readonly left?: boolean;
  /** What said meanwhile that no answer will come. */
  readonly refusal?: Refusal | undefined;
  /** The request that waits for its answer, each time that it came; of a state that names a ladder. */
  readonly tries?: readonly Sighting[];
}

/** The tries after this one. */
export function triedAgain({ tries = [] }: Waiting, event: Sighting): readonly Sighting[] {
  return [...tries, { frame: event.frame, atUs: event.atUs }];
}

const emitted = new WeakMap<object, StepDraft[]>();

/** The one action of every machine: its actor emits a step, which `collectSteps` takes. */
export const machineActions = {
  step: ({ self }: { readonly self: object }, draft: StepDraft): void => {
    emitted.get(self)?.push(draft);
  },
};

/** Collects the steps that an actor emits from now on; each call returns those since the last one. */
export function collectSteps(actor: object): () => StepDraft[] {
  emitted.set(actor, []);
  return () => {
    const steps = emitted.get(actor) ?? [];
    if (steps.length > 0) emitted.set(actor, []);
    return steps;
  };
}

/** The action of a transition that emits a step. */
export function step<A>(params: (args: A) => StepDraft): {
  readonly type: 'step';
  readonly params: (args: A) => StepDraft;
} {
  return { type: 'step', params };
}
