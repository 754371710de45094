import { type AnyMachineSnapshot, createActor, type StateValue } from 'xstate';
import type { Conversation, MachineKind } from '../../protocols/base/judge/conversations.ts';
import type { LadderName } from '../../protocols/base/judge/ladders.ts';
import { collectSteps, type WaitMeta, type Waiting } from '../../protocols/base/judge/machine-parts.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { type WaitName, WAITS } from '../../protocols/words.ts';

/** A plan's budgets by name, milliseconds. */
export type Budgets = Readonly<Record<string, number>>;

/** One machine as it runs: its state, what it waits for, until when. Pure but for its own state: time comes with the events. */
export interface MachineRun extends Conversation {
  /**
   * Capture time after which the state's wait is over; Infinity when it does not wait, or when the deadline has fired.
   */
  readonly dueUs: number;
  /** How the request that the state waits for an answer to is repeated, and when it came; undefined where it does not wait. */
  readonly ladder: LadderName | undefined;
  /** Fires the state's deadline, at its due time or before it. */
  expire(atUs?: number): StepDraft[];
}

/**
 * Starts a machine. `budgets` override the default waits by name. `onMove` is called after each event: whether it waits
 * may have changed.
 *
 * An actor for each conversation, although a machine is pure: `transition()` makes an actor and its first snapshot for
 * every event, which doubles the time of a replay (decision 131).
 */
export function runMachine(
  kind: string,
  machine: MachineKind['logic'],
  input: unknown,
  budgets: Budgets,
  onMove?: (run: MachineRun) => void,
): MachineRun {
  let failure: unknown;
  const actor = createActor(machine, { input });
  const steps = collectSteps(actor);
  actor.subscribe({ error: (error) => void (failure = error) });
  actor.start();
  let snapshot: AnyMachineSnapshot = actor.getSnapshot();
  let state = stateOf(snapshot.value as StateValue);
  let wait = waitOf(snapshot);
  let dueUs = dueOf(contextOf(snapshot), wait, budgets);
  const send = (event: { readonly type: string }): StepDraft[] => {
    const before = snapshot;
    const stateBefore = state;
    actor.send(event);
    if (failure !== undefined)
      throw new Error(`machine ${kind} in state ${state}, event ${event.type}`, { cause: failure });
    snapshot = actor.getSnapshot();
    state = stateOf(snapshot.value as StateValue);
    if (state !== stateBefore) wait = waitOf(snapshot);
    // A deadline that has fired stays fired until the state or its beginning changes.
    if (state !== stateBefore || contextOf(snapshot).since.atUs !== contextOf(before).since.atUs)
      dueUs = dueOf(contextOf(snapshot), wait, budgets);
    onMove?.(run);
    return steps();
  };
  const run: MachineRun = {
    kind,
    send,
    get state() {
      return state;
    },
    get context() {
      return contextOf(snapshot);
    },
    get dueUs() {
      return dueUs;
    },
    get waitsFor() {
      return dueUs === Infinity ? undefined : wait?.waitsFor;
    },
    get ladder() {
      return dueUs === Infinity ? undefined : wait?.ladder;
    },
    expire(atUs = dueUs) {
      dueUs = Infinity;
      const deadline = { type: 'deadline', atUs, waitingFor: wait?.waitsFor ?? '' };
      return send(deadline);
    },
  };
  return run;
}

// Machines of every kind are kept in one table; their own types say that each has a `since` in its context and names
// its waits in `meta` (protocols/base/judge/machine-parts.ts).
const contextOf = (snapshot: AnyMachineSnapshot): Waiting => snapshot.context as Waiting;

/** A state by its name, below the state that holds it: `kernel.asking`. */
function stateOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([parent, child]) => (child === undefined ? parent : `${parent}.${stateOf(child)}`))
    .join(' ');
}

function waitOf(snapshot: AnyMachineSnapshot): WaitMeta<WaitName> | undefined {
  const metas: readonly unknown[] = Object.values(snapshot.getMeta());
  return metas.find((meta) => meta !== undefined) as WaitMeta<WaitName> | undefined;
}

function dueOf({ since }: Waiting, wait: WaitMeta<WaitName> | undefined, budgets: Budgets): number {
  return wait ? since.atUs + (budgets[wait.budget] ?? WAITS[wait.budget].ms) * 1000 : Infinity;
}
