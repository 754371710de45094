import { type AnyMachineSnapshot, createActor, type StateValue } from 'xstate';
import type { Conversation, MachineKind } from '../../protocols/base/judge/conversations.ts';
import type { LadderName } from '../../protocols/base/judge/ladders.ts';
import type { KnownLadder } from '../../profiles/profile-watch.ts';
import { collectSteps, type WaitMeta, type Waiting } from '../../protocols/base/judge/machine-parts.ts';
import { climbsWith } from '../../profiles/climbing.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import { type WaitName, WAITS } from '../../protocols/words.ts';
import { Standstills } from './standstills.ts';

const NEVER = new Standstills();
const UNKNOWN: KnownLadder = { climbs: [], profile: undefined };

/** What a machine tells, and asks, around it. */
interface Surroundings {
  /** Called after each event: whether it waits may have changed. */
  readonly onMove?: (run: MachineRun) => void;
  /** How the program that speaks now repeats a request. */
  readonly ladderOf?: (name: LadderName, waiting: Waiting) => KnownLadder;
  /** When the lab's host ran nothing. */
  readonly standstills?: Standstills;
}

/** A plan's budgets by name, milliseconds. */
export type Budgets = Readonly<Record<string, number>>;

/** One machine as it runs: its state, what it waits for, until when. Pure but for its own state: time comes with the events. */
export interface MachineRun extends Conversation {
  /**
   * Capture time after which the state's wait is over; Infinity when it does not wait, or when the deadline has fired.
   */
  readonly dueUs: number;
  /** What bounds its wait; undefined where it does not wait. */
  readonly budget: WaitName | undefined;
  /** How the request that the state waits for an answer to is repeated, and when it came; undefined where it does not wait. */
  readonly ladder: LadderName | undefined;
  /** How the program that made the request repeats it; of a state that names a ladder. */
  readonly known: KnownLadder;
  /** Fires the state's deadline, at its due time or before it. */
  expire(atUs?: number): StepDraft[];
  /** The host stood still: a wait that is not over ends later. */
  rewait(): void;
}

/**
 * Starts a machine. `budgets` override the waits of the client's profile, and those the default waits, by name.
 *
 * An actor for each conversation, although a machine is pure: `transition()` makes an actor and its first snapshot for
 * every event, which doubles the time of a replay (decision 131).
 */
export function runMachine(
  kind: string,
  machine: MachineKind['logic'],
  input: unknown,
  budgets: Budgets,
  { onMove, ladderOf = () => UNKNOWN, standstills = NEVER }: Surroundings = {},
): MachineRun {
  let failure: unknown;
  const actor = createActor(machine, { input });
  const steps = collectSteps(actor);
  actor.subscribe({ error: (error) => void (failure = error) });
  actor.start();
  let snapshot: AnyMachineSnapshot = actor.getSnapshot();
  let state = stateOf(snapshot.value as StateValue);
  let wait = waitOf(snapshot);
  let known = wait?.ladder ? ladderOf(wait.ladder, contextOf(snapshot)) : UNKNOWN;
  const due = (): number => dueOf(contextOf(snapshot), wait, known, budgets, standstills);
  let dueUs = due();
  const send = (event: { readonly type: string }): StepDraft[] => {
    const before = snapshot;
    const stateBefore = state;
    actor.send(event);
    if (failure !== undefined)
      throw new Error(`machine ${kind} in state ${state}, event ${event.type}`, { cause: failure });
    snapshot = actor.getSnapshot();
    state = stateOf(snapshot.value as StateValue);
    if (state !== stateBefore) {
      wait = waitOf(snapshot);
      known = wait?.ladder ? ladderOf(wait.ladder, contextOf(snapshot)) : UNKNOWN;
    }
    // A deadline that has fired stays fired until the state or its beginning changes.
    const [was, is] = [contextOf(before), contextOf(snapshot)];
    if (state !== stateBefore || is.since.atUs !== was.since.atUs || (dueUs !== Infinity && is.tries !== was.tries))
      dueUs = due();
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
    get budget() {
      return dueUs === Infinity ? undefined : wait?.budget;
    },
    get ladder() {
      return dueUs === Infinity ? undefined : wait?.ladder;
    },
    get known() {
      return known;
    },
    expire(atUs = dueUs) {
      dueUs = Infinity;
      const deadline = { type: 'deadline', atUs, waitingFor: wait?.waitsFor ?? '' };
      return send(deadline);
    },
    rewait() {
      if (dueUs !== Infinity) dueUs = due();
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

function dueOf(
  { since, tries = [], allowedMs }: Waiting,
  wait: WaitMeta<WaitName> | undefined,
  known: KnownLadder,
  budgets: Budgets,
  standstills: Standstills,
): number {
  if (!wait) return Infinity;
  // A ladder begins with its first try; a wait that began before it is one for something else as well.
  const patienceMs = tries[0]?.atUs === since.atUs ? patienceOf(known, tries) : undefined;
  const waitMs = budgets[wait.budget] ?? allowedMs ?? patienceMs ?? WAITS[wait.budget].ms;
  return standstills.dueAfter(since.atUs, waitMs * 1000);
}

/** A program that is a little late on its last rung still waits. */
const LATE = 1.15;
const LATE_MS = 1000;

/** How long a known program waits for an answer before it gives up; undefined where nobody knows, or where it goes on without. */
function patienceOf({ climbs: all, profile }: KnownLadder, tries: readonly Sighting[]): number | undefined {
  const climbs = climbsWith(all, tries);
  if (profile === undefined || climbs.length === 0 || climbs.some(({ goesOn, andMore }) => goesOn || andMore))
    return undefined;
  return Math.max(...climbs.map(({ waitsMs }) => waitsMs.reduce((sum, ms) => sum + ms, 0))) * LATE + LATE_MS;
}
