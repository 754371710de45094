import { defineProtocol } from '../protocol.ts';
import { unreachableStep } from './judge/steps.ts';
import { ICMP } from './judge/vocabulary.ts';
import type { IcmpEvent } from './observe/events.ts';
import { type IcmpClients, IcmpObserver, isIcmp } from './observe/observer.ts';

export const icmp = defineProtocol<IcmpEvent, IcmpEvent, IcmpClients>()({
  name: 'icmp',
  about: 'Internet Control Message Protocol (RFC 792; for IPv6 RFC 4443), as far as it answers a request of a boot',
  events: {
    'icmp.unreachable': 'a host or router says that a packet of the client, or to it, did not arrive',
  },
  words: ICMP,
  incidental: true,
  shared: { claims: isIcmp, observe: (clients, emit) => new IcmpObserver(clients, emit) },
  judge: { machines: {}, hears: ['icmp'], route: (event) => [unreachableStep(event)] },
});
