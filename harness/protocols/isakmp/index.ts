import { defineProtocol } from '../protocol.ts';
import { isakmpStep } from './judge/steps.ts';
import { ISAKMP } from './judge/vocabulary.ts';
import type { IsakmpEvent } from './observe/events.ts';
import { IsakmpObserver } from './observe/observer.ts';
import { dissectIsakmp } from './wire/dissect.ts';
import { ISAKMP_PORT } from './wire/ports.ts';

export const isakmp = defineProtocol<IsakmpEvent>()({
  name: 'isakmp',
  about: 'Internet Security Association and Key Management Protocol (RFC 2408) and AuthIP (MS-AIPS), headers only',
  events: { 'isakmp.message': 'a message of either side' },
  words: ISAKMP,
  incidental: true,
  udp: { ports: [ISAKMP_PORT], observe: (client) => new IsakmpObserver(client) },
  dissect: dissectIsakmp,
  judge: { machines: {}, hears: ['isakmp'], route: (event) => [isakmpStep(event)] },
});
