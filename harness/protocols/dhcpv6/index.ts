import { defineProtocol } from '../protocol.ts';
import { dissectDhcpv6 } from './wire/dissect.ts';
import { dhcpv6Step } from './judge/steps.ts';
import { DHCPV6 } from './judge/vocabulary.ts';
import type { Dhcpv6Event } from './observe/events.ts';
import { Dhcpv6Observer } from './observe/observer.ts';
import { DHCPV6_SERVER_PORT } from './wire/types.ts';

export const dhcpv6 = defineProtocol<Dhcpv6Event>()({
  name: 'dhcpv6',
  about:
    'Dynamic Host Configuration Protocol for IPv6 (RFC 8415) with the options of a boot (RFC 5970): seen, not judged yet',
  over: ['dhcp'],
  events: { 'dhcpv6.message': 'a message of either side' },
  words: DHCPV6,
  incidental: true,
  udp: {
    ports: [DHCPV6_SERVER_PORT],
    // Every system with IPv6 speaks it; what it asks for tells whether it boots.
    sender: 'candidate',
    observe: (client) => new Dhcpv6Observer(client),
  },
  dissect: dissectDhcpv6,
  judge: { machines: {}, hears: ['dhcpv6'], route: (event) => [dhcpv6Step(event)] },
});
