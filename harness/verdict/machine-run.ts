import { type AnyStateMachine, createActor } from 'xstate';
import { type BudgetName, DEFAULT_BUDGETS_MS } from '../protocols/base/judge/waits.ts';
import type { WaitMeta, Waiting } from '../protocols/base/judge/machine-parts.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';

/** A plan's budgets by name, milliseconds. */
export type Budgets = Readonly<Record<string, number>>;

interface Snapshot {
  readonly value: string;
  readonly context: Waiting;
  readonly getMeta: () => Readonly<Record<string, WaitMeta | undefined>>;
}
type Action = { readonly type: string; readonly params?: unknown };

// The machines' own types hold inside each machine; the judge keeps machines of every kind in one table and sends each
// only events that its root accepts, which is all of them.
interface Logic {
  readonly getInitialSnapshot: (scope: object, input: unknown) => Snapshot;
  readonly transition: (snapshot: Snapshot, event: object, scope: object) => Snapshot;
}

/**
 * One machine as it runs: its state, what it waits for, until when. Pure but for its own state: time comes with the
 * events.
 */
export interface MachineRun {
  readonly kind: string;
  /** Sends an event and returns the steps that the transition emitted. */
  send(event: object): StepDraft[];
  readonly state: string;
  readonly context: Waiting;
  /** Capture time after which the state's wait is over; Infinity when it does not wait, or was told already. */
  readonly dueUs: number;
  readonly waitsFor: string | undefined;
  /** Fires the state's deadline, at its due time or before it. */
  expire(atUs?: number): StepDraft[];
}

const ignore = (): void => undefined;

interface Scope {
  /** The actions of the transition just made. */
  readonly taken: () => Action[];
}

const scopes = new WeakMap<object, Scope>();

// What XState's pure `transition()` does, with a scope that is made once for each machine: that function builds an
// actor, with a first snapshot of its own, for every event, which costs more than the transition. The actor is never
// started.
function scopeOf(machine: object, input: unknown): Scope {
  const known = scopes.get(machine);
  if (known) return known;
  let actions: Action[] = [];
  const self = createActor(machine as AnyStateMachine, { input });
  const scope = {
    self,
    system: self.system,
    id: self.id,
    sessionId: self.sessionId,
    logger: ignore,
    defer: ignore,
    stopChild: ignore,
    emit: ignore,
    actionExecutor: (action: Action): void => void actions.push(action),
    taken: (): Action[] => {
      const taken = actions;
      actions = [];
      return taken;
    },
  };
  scopes.set(machine, scope);
  return scope;
}

/** Starts a machine. `budgets` override the default waits by name. */
export function runMachine(kind: string, machine: object, input: unknown, budgets: Budgets): MachineRun {
  const logic = machine as Logic;
  const scope = scopeOf(machine, input);
  let snapshot = logic.getInitialSnapshot(scope, input);
  let wait = waitOf(snapshot);
  let dueUs = dueOf(snapshot, wait, budgets);
  const send = (event: object): StepDraft[] => {
    const before = snapshot;
    const next = logic.transition(snapshot, event, scope);
    const actions = scope.taken();
    snapshot = next;
    if (next.value !== before.value) wait = waitOf(next);
    // A deadline that has fired stays fired until the state or its beginning changes.
    if (next.value !== before.value || next.context.since.atUs !== before.context.since.atUs)
      dueUs = dueOf(next, wait, budgets);
    return actions.filter((action) => action.type === 'step').map((action) => action.params as StepDraft);
  };
  return {
    kind,
    send,
    get state() {
      return snapshot.value;
    },
    get context() {
      return snapshot.context;
    },
    get dueUs() {
      return dueUs;
    },
    get waitsFor() {
      return dueUs === Infinity ? undefined : wait?.waitsFor;
    },
    expire(atUs = dueUs) {
      dueUs = Infinity;
      return send({ type: 'deadline', atUs, waitingFor: wait?.waitsFor ?? '' });
    },
  };
}

function waitOf(snapshot: Snapshot): WaitMeta | undefined {
  return Object.values(snapshot.getMeta()).find((meta) => meta !== undefined);
}

function dueOf(snapshot: Snapshot, wait: WaitMeta | undefined, budgets: Budgets): number {
  return wait ? snapshot.context.since.atUs + budgetMs(wait.budget, budgets) * 1000 : Infinity;
}

/** Length of a named wait in milliseconds: the plan's, else the default. */
function budgetMs(name: BudgetName, budgets: Budgets): number {
  return budgets[name] ?? DEFAULT_BUDGETS_MS[name];
}
