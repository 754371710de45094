import { defineProtocol } from '../protocol.ts';
import { arpJudging } from './judge/route.ts';
import { ARP } from './judge/vocabulary.ts';
import type { ArpEvent } from './observe/events.ts';
import { type ArpClients, ArpObserver, isArp } from './observe/observer.ts';
import { dissectArp } from './wire/dissect.ts';

export const arp = defineProtocol<ArpEvent, ArpEvent, ArpClients>()({
  name: 'arp',
  about: 'Address Resolution Protocol (RFC 826)',
  events: {
    'arp.request': 'a host asks who has an address, or announces its own',
    'arp.reply': 'a host says that it has an address',
  },
  words: ARP,
  incidental: true,
  shared: { claims: isArp, observe: (clients, emit) => new ArpObserver(clients, emit) },
  dissect: dissectArp,
  judge: arpJudging,
});
