import type { BootFacts } from '../../protocols/base/judge/boot-facts.ts';
import type { Conversations, Judging, MachineKind } from '../../protocols/base/judge/conversations.ts';
import { recordedStep } from '../../protocols/base/judge/step-builders.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import type { WaitName } from '../../protocols/words.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type ProfileWatch, standardLadder } from '../../profiles/profile-watch.ts';
import { type Budgets, type MachineRun, runMachine } from './machine-run.ts';
import type { Standstills } from './standstills.ts';

/** The protocol machines of one client: one of each kind a conversation, found by the conversation's key. */
export interface ClientMachines {
  /** Routes an event to the machines that it concerns and returns their steps. */
  accept(event: ProtocolEvent): StepDraft[];
  /** Earliest deadline of any machine, capture time. */
  readonly dueUs: number;
  /** Fires every deadline up to `atUs`, in order of their due times. */
  expire(atUs: number): StepDraft[];
  /** Ends the first wait within a budget of which its own machine knows by now that it is fruitless. */
  giveUp(budget: WaitName, atUs: number): StepDraft[];
  /** The host stood still: every wait that is not over ends later. */
  rewait(): void;
  /** Machines whose state waits for something. */
  waiting(): MachineRun[];
}

// `hears` names the events that a room's `route` takes, so that each is handed only events of its own type.
const JUDGES = PROTOCOLS.flatMap(({ judge }) => (judge ? [judge as Judging<{ readonly type: string }>] : []));
const MACHINES: ReadonlyMap<string, MachineKind> = new Map(JUDGES.flatMap(({ machines }) => Object.entries(machines)));

/** No machines yet; they start with the first event of their conversation. */
export function createClientMachines(
  facts: BootFacts,
  budgets: Budgets,
  profiles: ProfileWatch,
  standstills: Standstills,
): ClientMachines {
  const runs = new Map<string, MachineRun>();
  // A client that boots all day has thousands of conversations, of which a few wait.
  const waiting = new Set<MachineRun>();
  const begun = new WeakMap<MachineRun, number>();
  const watches = JUDGES.flatMap(({ watch }) => watch?.() ?? []);
  // Deadlines are looked at for every frame, machines change for few: the earliest one is kept.
  let dueUs = Infinity;

  const left: StepDraft[] = [];
  const tried = new WeakMap<MachineRun, readonly unknown[]>();

  let beginnings = 0;
  const note = (run: MachineRun): void => {
    const { tries = [] } = run.context;
    if (run.ladder !== undefined && tries.length > 1 && tries !== tried.get(run)) {
      tried.set(run, tries);
      left.push(...profiles.retried(run.ladder, run.known, tries));
    }
    if (run.waitsFor === undefined) waiting.delete(run);
    else waiting.add(run);
  };
  /** In the order in which the conversations began, whenever they came to wait. */
  const inOrder = (): MachineRun[] =>
    [...waiting].sort((one, other) => (begun.get(one) ?? 0) - (begun.get(other) ?? 0));
  const begin = (kind: string, key: string): MachineRun => {
    const machine = MACHINES.get(kind);
    if (!machine) throw new Error(`no room declares a machine of kind ${kind}`);
    const run = runMachine(kind, machine.logic, machine.input?.(facts, key), budgets, {
      onMove: note,
      standstills,
      ladderOf: (name, { byClient = true }) => (byClient ? profiles.ladderOf(name) : standardLadder(name)),
    });
    begun.set(run, beginnings++);
    const replaced = runs.get(`${kind} ${key}`);
    if (replaced) waiting.delete(replaced);
    runs.set(`${kind} ${key}`, run);
    return run;
  };
  const find = (kind: string, key: string): MachineRun | undefined => runs.get(`${kind} ${key}`);
  const conversations: Conversations<string> = {
    find,
    waiting: (kind) => inOrder().filter((run) => run.kind === kind),
    begin,
    get: (kind, key) => find(kind, key) ?? begin(kind, key),
  };
  const refresh = (): void => {
    dueUs = Infinity;
    for (const run of waiting) dueUs = Math.min(dueUs, run.dueUs);
  };
  return {
    accept(event) {
      const steps = profiles.hear(event);
      for (const watch of watches) steps.push(...watch(event));
      const judges = judgesOf(event.type);
      if (judges.length === 0) steps.push(strayStep(event));
      for (const judge of judges) steps.push(...judge.route(event, conversations));
      if (left.length > 0) steps.push(...left.splice(0));
      refresh();
      return steps;
    },
    get dueUs() {
      return dueUs;
    },
    expire(atUs) {
      const steps: StepDraft[] = [];
      while (dueUs < atUs) {
        const due = inOrder().find((run) => run.dueUs === dueUs);
        if (due) steps.push(...due.expire());
        refresh();
      }
      return steps;
    },
    giveUp(budget, atUs) {
      const fruitless = inOrder().find((run) => run.budget === budget && run.context.fruitless === true);
      const steps = fruitless?.expire(atUs) ?? [];
      refresh();
      return steps;
    },
    rewait() {
      for (const run of waiting) run.rewait();
      refresh();
    },
    waiting: inOrder,
  };
}

const heardBy = new Map<string, readonly Judging<{ readonly type: string }>[]>();

/** The rooms that hear an event, by its name up to the dot. */
function judgesOf(type: string): readonly Judging<{ readonly type: string }>[] {
  const known = heardBy.get(type);
  if (known) return known;
  const [room = ''] = type.split('.', 1);
  const judges = JUDGES.filter(({ hears }) => hears.includes(room));
  heardBy.set(type, judges);
  return judges;
}

// A step's name needs a dot and lowercase; `protocol` of a malformed layer is a decoder's own word.
function strayStep(event: ProtocolEvent): StepDraft {
  if (event.type !== 'malformed')
    return recordedStep('wire', {
      step: 'wire.unknown',
      at: event,
      detail: { type: event.type },
      why: 'an event that no machine judges',
    });
  const { protocol, reason, offset } = event.malformed;
  const room = protocol.toLowerCase().replace(/[^a-z0-9]/g, '') || 'wire';
  return recordedStep(room, {
    step: `${room}.malformed`,
    at: event,
    detail: { reason, offset },
    why: 'bytes that do not decode; the next step shows whether they mattered to the client',
    cause: 'malformed-message',
  });
}
