import { defineProtocol } from '../protocol.ts';
import { igmpJudging } from './judge/route.ts';
import { IGMP } from './judge/vocabulary.ts';
import type { IgmpEvent } from './observe/events.ts';
import { type IgmpClients, IgmpObserver, isIgmp } from './observe/observer.ts';
import { dissectIgmp } from './wire/dissect.ts';

export const igmp = defineProtocol<IgmpEvent, IgmpEvent, IgmpClients>()({
  name: 'igmp',
  about: 'Internet Group Management Protocol, versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376)',
  events: {
    'igmp.join': 'the client says that it is in a group, for the first time or since it left it',
    'igmp.report': 'the client says again that it is in a group, or from whom it wants to hear there',
    'igmp.leave': 'the client says that it is in a group no more',
    'igmp.query': 'a router asks who is in a group that the client has named, or in any',
    'igmp.other-report': 'another host says that it is in the client’s group (versions 1 and 2)',
    'igmp.excess': 'the client names more groups than are followed',
  },
  words: IGMP,
  incidental: true,
  shared: { claims: isIgmp, observe: (clients, emit) => new IgmpObserver(clients, emit) },
  dissect: (bytes, { wireLength }) => dissectIgmp(bytes, wireLength),
  judge: igmpJudging,
});
