import type { ClientResult } from '../../reports/result.ts';
import { architecture } from '../machines/dhcp-facts.ts';
import type { ProtocolEvent } from '../observe/events.ts';
import { type ClientJudge, createClientJudge } from './client-judge.ts';
import { nameLearntClient } from './client-names.ts';
import type { JudgeOptions } from './judge-types.ts';

/** Judges protocol events as they come, of all clients; knows no clock but theirs. */
export interface EventJudge {
  /** Capture time has reached this moment: fires deadlines that lie before it. Call it with each frame's time before the frame's events. */
  advance(atUs: number): void;
  event(event: ProtocolEvent): void;
  ended(clientMac: string, atUs: number, reason: string): void;
  readonly settled: boolean;
  finish(): ClientResult[];
}

/** Starts judging. Without clients in `options` they are learnt from the wire, in order of appearance. */
export function createEventJudge(options: Pick<JudgeOptions, 'clients' | 'plan' | 'startUs' | 'onStep'>): EventJudge {
  const known = options.clients.length > 0;
  const judges = new Map<string, ClientJudge>();
  let startUs = options.startUs;
  let nowUs = options.startUs ?? 0;
  let dueUs = Infinity;

  const begin = (atUs: number): number => {
    if (startUs === undefined) {
      startUs = atUs;
      nowUs = atUs;
      introduce(atUs);
    }
    return startUs;
  };
  const introduce = (atUs: number): void => {
    for (const client of options.clients) judges.set(client.mac.toLowerCase(), createClientJudge(client, atUs, options));
    refresh();
  };
  const refresh = (): void => {
    dueUs = Infinity;
    for (const judge of judges.values()) dueUs = Math.min(dueUs, judge.dueUs);
  };
  const judgeOf = (event: ProtocolEvent, beginUs: number): ClientJudge | undefined => {
    const mac = event.client.toLowerCase();
    const judge = judges.get(mac);
    if (judge || known) return judge;
    const arch = event.type === 'dhcp.discover' || event.type === 'dhcp.request' ? architecture(event.message) : undefined;
    const learnt = createClientJudge(nameLearntClient(mac, judges.size + 1, arch), beginUs, options);
    judges.set(mac, learnt);
    return learnt;
  };
  if (options.startUs !== undefined) introduce(options.startUs);

  return {
    advance(atUs) {
      begin(atUs);
      // Captures of several interfaces may step back a little; time does not.
      nowUs = Math.max(nowUs, atUs);
      if (dueUs >= nowUs) return;
      for (const judge of judges.values()) judge.expire(nowUs);
      refresh();
    },
    event(event) {
      judgeOf(event, begin(event.atUs))?.accept(event);
      refresh();
    },
    ended(clientMac, atUs, reason) {
      judges.get(clientMac.toLowerCase())?.end({ how: 'vm-ended', atUs: Math.max(atUs, nowUs), reason });
      refresh();
    },
    get settled() {
      return judges.size > 0 && [...judges.values()].every((judge) => judge.settled);
    },
    finish() {
      begin(nowUs);
      for (const judge of judges.values()) judge.close(nowUs);
      return [...judges.values()].map((judge) => judge.result());
    },
  };
}
