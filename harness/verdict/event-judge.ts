import type { ClientResult, Verdict } from '../../reports/result.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { roomOfEvent } from '../protocols/rooms.ts';
import { followedMacs } from '../plan/followed.ts';
import { type ClientJudge, createClientJudge } from './client/client-judge.ts';
import { DueQueue } from './due-queue.ts';
import { nameLearntClient } from './client/client-names.ts';
import { ClientFactsCollector } from './client/client-facts.ts';
import type { Ending } from './diagnosis/diagnosis.ts';
import type { CaptureDoubts } from './diagnosis/doubts.ts';
import { JoinedClients } from './client/joined-clients.ts';
import { defined } from '../../servers/service/defined.ts';
import type { ClientEnd, JudgedClient, JudgeOptions } from './judge-types.ts';
import { type Standstill, Standstills } from './machines/standstills.ts';

/** Judges protocol events as they come, of all clients; knows no clock but theirs. */
export interface EventJudge {
  /**
   * Capture time has reached this moment: fires deadlines that lie before it. Call it with each frame's time before the
   * frame's events.
   */
  advance(atUs: number): void;
  event(event: ProtocolEvent): void;
  poweredOn(clientMac: string, atUs: number): void;
  stoodStill(span: Standstill): void;
  ended(end: ClientEnd): void;
  verdictOf(clientMac: string): Verdict | undefined;
  isSettled(clientMac: string): boolean;
  readonly settled: boolean;
  /** A client that was known by its IP address alone is the one that DHCP names so. */
  same(ip: string, client: string): void;
  /** The capture ends here: judges what clients have shown to be in vain, before their open meters are closed. */
  conclude(atUs: number): void;
  finish(): ClientResult[];
}

export interface EventJudgeOptions
  extends Pick<JudgeOptions, 'clients' | 'plan' | 'startUs' | 'onStep' | 'openEnd' | 'profiles'> {
  /**
   * Called when the story of a client that others wait for is over, just before it is closed: its open meters must be
   * closed now.
   */
  readonly onLeaving?: (mac: string, atUs: number) => void;
  /** What the capture shows of its own flaws, when nobody can vouch for it. */
  readonly doubts?: CaptureDoubts | undefined;
}

/** Starts judging. Without clients in `options` they are learnt from the wire, in order of appearance. */
export function createEventJudge(given: EventJudgeOptions): EventJudge {
  const standstills = new Standstills();
  const options = { ...given, standstills };
  const known = new Map(options.clients.map((client) => [client.mac.toLowerCase(), client]));
  const judges = new Map<string, ClientJudge>();
  // Clients whose verdict others wait for: their story is closed when it is over, and not with the capture.
  const followed = new Set(followedMacs(options.clients));
  const facts = new ClientFactsCollector();
  const leaving = new Map<string, Ending>();
  const poweredOnMs = new Map<string, number>();
  const joined = new JoinedClients();
  const learnt = new Map<string, JudgedClient>();
  let learntClients = 0;
  let startUs = options.startUs;
  // In an object: a number of a closure would be a new object with every frame.
  const time = { nowUs: options.startUs ?? 0 };
  const due = new DueQueue<string>();

  const begin = (atUs: number): number => {
    if (startUs === undefined) {
      startUs = atUs;
      time.nowUs = atUs;
      introduce(atUs);
    }
    return startUs;
  };
  const introduce = (atUs: number): void => {
    for (const [mac, client] of known)
      if (client.startsAfter === undefined) add(mac, createClientJudge(client, atUs, options));
  };
  const add = (mac: string, judge: ClientJudge): void => {
    judges.set(mac, judge);
    schedule(mac, judge);
  };
  const schedule = (mac: string, judge: ClientJudge): void =>
    due.set(mac, Math.min(judge.dueUs, leaving.get(mac)?.atUs ?? Infinity));
  const powerOn = (mac: string, client: JudgedClient, atUs: number): ClientJudge => {
    const judge = createClientJudge(client, atUs, options);
    add(mac, judge);
    poweredOnMs.set(mac, (atUs - begin(atUs)) / 1000);
    return judge;
  };
  const judgeOf = (event: ProtocolEvent, beginUs: number): ClientJudge | undefined => {
    const mac = event.client.toLowerCase();
    const client = known.get(mac);
    const judge = judges.get(mac);
    if (known.size === 0) joined.keep(mac, event, judge === undefined);
    if (judge) return judge;
    if (client) return powerOn(mac, client, event.atUs);
    if (known.size > 0) return undefined;
    const arch = roomOfEvent(event)?.shows?.(event).architecture;
    return learn(nameLearntClient(mac, ++learntClients, arch), beginUs, options.onStep);
  };
  const learn = (client: JudgedClient, beginUs: number, onStep: JudgeOptions['onStep']): ClientJudge => {
    const judge = createClientJudge(client, beginUs, { ...options, ...defined({ onStep }) });
    add(client.mac, judge);
    learnt.set(client.mac, client);
    return judge;
  };
  /** Judges the client's whole story anew: what it did before is now a part of it. Its steps were told before. */
  const rejudge = (ip: string, mac: string, events: readonly ProtocolEvent[]): void => {
    const first = learnt.get(ip);
    if (!first) return;
    const later = learnt.get(mac) ?? first;
    let isTold = true;
    judges.delete(ip);
    due.set(ip, Infinity);
    facts.forget(ip);
    facts.forget(mac);
    const judge = learn({ ...later, mac, name: first.name }, begin(time.nowUs), (client, step) => {
      if (!isTold) options.onStep?.(client, step);
    });
    for (const event of events) {
      judge.expire(event.atUs);
      facts.event(event);
      judge.accept(event);
    }
    isTold = false;
    schedule(mac, judge);
  };
  const expire = (mac: string, judge: ClientJudge): void => {
    const end = leaving.get(mac);
    judge.expire(end ? Math.min(end.atUs, time.nowUs) : time.nowUs);
    if (end && end.atUs < time.nowUs) judge.end(end);
    schedule(mac, judge);
    if (!followed.has(mac) || judge.overAtUs === undefined) return;
    leaving.delete(mac);
    followed.delete(mac);
    options.onLeaving?.(mac, judge.overAtUs);
    judge.close(judge.overAtUs);
  };
  if (options.startUs !== undefined) introduce(options.startUs);

  return {
    advance(atUs) {
      begin(atUs);
      // Captures of several interfaces may step back a little; time does not.
      time.nowUs = Math.max(time.nowUs, atUs);
      if (due.earliestUs >= time.nowUs) return;
      for (const mac of due.takeBefore(time.nowUs)) {
        const judge = judges.get(mac);
        if (judge) expire(mac, judge);
      }
    },
    event(told) {
      const client = joined.identityOf(told.client);
      const event = client === told.client ? told : { ...told, client };
      const judge = judgeOf(event, begin(event.atUs));
      if (!judge) return;
      facts.event(event);
      judge.accept(event);
      schedule(event.client.toLowerCase(), judge);
    },
    poweredOn(clientMac, atUs) {
      const mac = clientMac.toLowerCase();
      const client = known.get(mac);
      if (client && !judges.has(mac)) powerOn(mac, client, atUs);
    },
    stoodStill(span) {
      standstills.add(span);
      for (const [mac, judge] of judges) {
        judge.rewait();
        schedule(mac, judge);
      }
    },
    ended({ mac: clientMac, atUs, reason, how }) {
      const mac = clientMac.toLowerCase();
      const ending: Ending = { how: how ?? 'vm-ended', atUs: Math.max(atUs, time.nowUs), reason };
      const judge = judges.get(mac);
      if (followed.has(mac)) leaving.set(mac, ending);
      else judge?.end(ending);
      if (judge) schedule(mac, judge);
    },
    verdictOf: (clientMac) => judges.get(clientMac.toLowerCase())?.verdict,
    isSettled: (clientMac) => judges.get(clientMac.toLowerCase())?.settled ?? false,
    get settled() {
      return judges.size > 0 && [...judges.values()].every((judge) => judge.settled);
    },
    same(ip, client) {
      const mac = client.toLowerCase();
      const events = joined.join(ip, mac, !judges.has(mac));
      if (events) rejudge(ip, mac, events);
    },
    conclude(atUs) {
      for (const judge of judges.values()) judge.conclude(Math.max(atUs, time.nowUs));
    },
    finish() {
      begin(time.nowUs);
      for (const [mac, ending] of leaving) judges.get(mac)?.end(ending);
      for (const judge of judges.values()) judge.close(time.nowUs);
      if (known.size === 0) return learntResults(judges, facts);
      return [...known].map(([mac, client]) => {
        const sinceStartMs = poweredOnMs.get(mac);
        const judged = judges.get(mac)?.result();
        const result = judged ? { ...judged, ...facts.of(mac) } : neverPoweredOn(client);
        return sinceStartMs === undefined ? result : { ...result, poweredOnMs: sinceStartMs };
      });
    },
  };
}

/** Results of clients that no scenario names: what they have in common is said of each. */
function learntResults(judges: ReadonlyMap<string, ClientJudge>, facts: ClientFactsCollector): ClientResult[] {
  const results = new Map([...judges].map(([client, judge]) => [client, judge.result()] as const));
  const nameOf = (client: string): string => `${results.get(client)?.name ?? ''} (${client})`;
  return [...results].map(([client, result]) => {
    const findings = [...(result.findings ?? []), ...facts.alike(client, nameOf)];
    return { ...result, ...facts.of(client), ...(findings.length === 0 ? {} : { findings }) };
  });
}

function neverPoweredOn({ name, mac, firmware, nic, transport, startsAfter = '' }: JudgedClient): ClientResult {
  return {
    name,
    mac,
    firmware,
    nic,
    ...defined({ transport }),
    verdict: 'skipped',
    why: `not powered on: it starts after ${startsAfter}, whose story did not pass`,
    steps: [],
    phases: {},
    transfers: [],
  };
}
