import { defineProtocol } from '../protocol.ts';
import { ndpJudging } from './judge/route.ts';
import { NDP } from './judge/vocabulary.ts';
import type { NdpEvent } from './observe/events.ts';
import { isNdp, type NdpClients, NdpObserver } from './observe/observer.ts';
import { dissectNdp } from './wire/dissect.ts';

export const ndp = defineProtocol<NdpEvent, NdpEvent, NdpClients>()({
  name: 'ndp',
  about: 'Neighbour Discovery for IPv6 (RFC 4861), with duplicate address detection (RFC 4862)',
  over: ['arp'],
  events: {
    'ndp.solicitation': 'a host asks who has an IPv6 address, or whether anybody has it',
    'ndp.advertisement': 'a host says that it has an IPv6 address',
    'ndp.router-solicitation': 'a host asks for routers',
    'ndp.router-advertisement': 'a router says how hosts get their addresses',
  },
  words: NDP,
  incidental: true,
  shared: { claims: isNdp, observe: (clients, emit) => new NdpObserver(clients, emit) },
  dissect: dissectNdp,
  judge: ndpJudging,
});
