import { CLIENT, observe } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import type { BootFacts } from '../../protocols/base/judge/boot-facts.ts';
import type { Conversation, Conversations, Judging, MachineKind } from '../../protocols/base/judge/conversations.ts';
import { USUAL_FORM } from '../../protocols/dhcp/wire/wds.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { LOGON } from '../../protocols/rpc/testing/control.ts';
import type { Capture } from '../../protocols/testing/machine-sample.ts';
import { runMachine } from '../machines/machine-run.ts';

// What each state machine is fed in its exhaustive test: events that an observer made of frames and that the room sent
// to it. An event that no frames bring about cannot be among them.

const JUDGES = PROTOCOLS.flatMap(({ judge }) => (judge ? [judge as Judging<{ readonly type: string }>] : []));
const MACHINES: ReadonlyMap<string, MachineKind> = new Map(JUDGES.flatMap(({ machines }) => Object.entries(machines)));

/** A boot of which nothing is known yet. */
const FACTS: BootFacts = {
  loading: () => ({ targets: [], told: [], expectedPaths: [] }),
  architecture: () => undefined,
  option250: USUAL_FORM,
  planned: true,
  unreachable: () => ({}),
  listens: () => true,
};

/** The state machine of a kind, and what it is told when it begins a conversation. */
export function machineOf(kind: string, key = ''): { readonly logic: MachineKind['logic']; readonly input: unknown } {
  const machine = MACHINES.get(kind);
  if (!machine) throw new Error(`no room declares a machine of kind ${kind}`);
  return { logic: machine.logic, input: machine.input?.(FACTS, key) };
}

/** The events of captures that go to machines of a kind, each meaning once. */
export function alphabetOf(kind: string, captures: readonly Capture[]): ProtocolEvent[] {
  const events = captures.flatMap(({ frames }) => sentTo(kind, frames));
  const meaning = (event: ProtocolEvent): string =>
    JSON.stringify(event, (name, value: unknown) => (PLACES.has(name) ? undefined : value));
  return [...new Map(events.map((event) => [meaning(event), event])).values()];
}

/** Fields in which events of one meaning differ: places in the capture, and times. */
const PLACES = new Set([
  ...['frame', 'atUs', 'requestFrame', 'firstFrame', 'lastFrame'],
  ...['durationUs', 'rttUs', 'transfer', 'connection'],
]);

function sentTo(wanted: string, frames: readonly Frame[]): ProtocolEvent[] {
  const sent = new Set<ProtocolEvent>();
  const runs = new Map<string, Conversation>();
  let current: ProtocolEvent | undefined;
  const begin = (kind: string, key: string): Conversation => {
    const { logic, input } = machineOf(kind, key);
    const run = runMachine(kind, logic, input, {});
    const send: Conversation['send'] = (event) => {
      if (kind === wanted && current) sent.add(current);
      return run.send(event);
    };
    // Its state and context are read through the run.
    const conversation = Object.create(run, { send: { value: send } }) as Conversation;
    runs.set(`${kind} ${key}`, conversation);
    return conversation;
  };
  const find = (kind: string, key: string): Conversation | undefined => runs.get(`${kind} ${key}`);
  const conversations: Conversations<string> = {
    find,
    waiting: (kind) => [...runs.values()].filter((run) => run.kind === kind && run.waitsFor !== undefined),
    begin,
    get: (kind, key) => find(kind, key) ?? begin(kind, key),
  };
  for (const event of eventsOf(frames)) {
    current = event;
    const [room = ''] = event.type.split('.', 1);
    for (const judge of JUDGES) if (judge.hears.includes(room)) judge.route(event, conversations);
  }
  return [...sent];
}

/** Who uses ARP alone is no client yet: then it is the one of the scenes. */
function eventsOf(frames: readonly Frame[]): ProtocolEvent[] {
  const learnt = observe(frames, { credentials: [LOGON] }).events;
  return learnt.length > 0 ? learnt : observe(frames, { clients: [CLIENT.mac] }).events;
}
