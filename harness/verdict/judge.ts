import { Door } from '../observe/door/door.ts';
import { Gaps } from '../observe/door/gaps.ts';
import { qualityOf } from '../observe/door/quality.ts';
import { defined } from '../../servers/service/defined.ts';
import type { ClientResult } from '../../reports/result.ts';
import { type ClientSeen, createObserver } from '../observe/observer.ts';
import type { Frame } from '../packet/frame.ts';
import type { Packet } from '../packet/packet.ts';
import { createEventJudge } from './event-judge.ts';
import type { Judge, JudgeOptions } from './judge-types.ts';
import { configuredPorts, credentialsOf, hypervisorsOf } from './expectations/plan-facts.ts';

/** Creates the judge of one capture: observer, machines, expectations. A live run and a replay use the same judge. */
export function createJudge(options: JudgeOptions): Judge {
  const events = createEventJudge({
    ...options,
    onLeaving: (mac, atUs) => observer.endOfClient(mac, atUs),
    doubts: options.door && {
      isCut: (frame) => observer.isCut(frame),
      acceptanceOf: (synFrame) => observer.acceptanceOf(synFrame),
      get hasCuts() {
        return observer.cutFrames > 0;
      },
      get isOneSided() {
        return door?.witness.isOneSided ?? false;
      },
      get isFiltered() {
        return door?.witness.isFiltered ?? false;
      },
    },
  });
  const gaps = new Gaps();
  const observer = createObserver({
    linkType: options.linkType,
    wanted: options.wanted,
    isDoubtful: options.door !== undefined,
    ...(options.clients.length === 0 ? {} : { clients: options.clients.map((client) => client.mac) }),
    ...(options.plan === undefined ? {} : { speaking: hypervisorsOf(options.plan) }),
    credentials: credentialsOf(options.plan?.services ?? []),
    ports: configuredPorts(options.plan?.services ?? []),
    onSame: (ip, client) => events.same(ip, client),
    onEvent: (event) => {
      options.onEvent?.(event);
      gaps.event(event);
      events.event(event);
    },
  });
  // In an object: a number of a closure would be a new object with every frame.
  const time = { lastUs: options.startUs ?? 0 };
  const judgeFrame = (frame: Frame, packet?: Packet): number => {
    time.lastUs = Math.max(time.lastUs, frame.atUs);
    observer.advance(frame.atUs);
    events.advance(frame.atUs);
    return observer.frame(frame, packet);
  };
  const door =
    options.door && new Door({ linkType: options.linkType, onFrame: judgeFrame, onCopy: options.door.onCopy });
  return {
    frames(batch) {
      if (!door) return batch.map((frame) => judgeFrame(frame));
      door.frames(batch);
      return [];
    },
    advance(atUs) {
      door?.settle();
      time.lastUs = Math.max(time.lastUs, atUs);
      observer.advance(atUs);
      events.advance(atUs);
    },
    poweredOn: (clientMac, atUs) => events.poweredOn(clientMac, atUs),
    stoodStill: (span) => events.stoodStill(span),
    ended: (end) => events.ended(end),
    seen: (client) => observer.seen(client.toLowerCase()),
    verdictOf: (clientMac) => events.verdictOf(clientMac),
    isSettled: (clientMac) => events.isSettled(clientMac),
    get settled() {
      return events.settled;
    },
    get cutFrames() {
      return observer.cutFrames;
    },
    get incompleteFrames() {
      return observer.incompleteFrames;
    },
    get leftOutOfBoots() {
      return observer.leftOut.ofBoots;
    },
    get undecoded() {
      return observer.undecoded;
    },
    get quality() {
      if (!door) return [];
      const cut = { frames: observer.cutFrames, firstFrame: observer.firstCutFrame };
      const { copies, clockFaults: clock, witness } = door;
      return qualityOf({ copies, clock, cut, gaps, witness, undecoded: observer.undecoded, leftOut: observer.leftOut });
    },
    finish() {
      door?.settle();
      // Before the meters are closed: a transfer that they end waits for nothing any more.
      events.conclude(time.lastUs);
      observer.endOfCapture(time.lastUs);
      return events.finish().map((client) => withAddresses(client, observer.seen(client.mac.toLowerCase())));
    },
  };
}

/** A result with what frames show of its client; the hardware address is empty when only routers' were seen. */
function withAddresses(client: ClientResult, { mac, ips, vlan }: ClientSeen): ClientResult {
  const [latest] = ips.slice(-1);
  return {
    ...client,
    mac: mac ?? '',
    ...defined({ ip: client.ip ?? latest, ips: ips.length === 0 ? undefined : [...ips], vlan }),
  };
}
