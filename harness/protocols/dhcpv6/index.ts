import { defineProtocol } from '../protocol.ts';
import { isFirmwareClass } from '../dhcp/judge/facts.ts';
import { dhcpv6Marks } from './judge/boot-marks.ts';
import { dhcpv6Judging } from './judge/route.ts';
import { DHCPV6 } from './judge/vocabulary.ts';
import type { Dhcpv6Event } from './observe/events.ts';
import { type Dhcpv6Clients, Dhcpv6Observer, isDhcpv6, DHCPV6_PORTS } from './observe/observer.ts';
import { architectureOf, vendorClassOf } from './wire/boot.ts';
import { dissectDhcpv6 } from './wire/dissect.ts';

export const dhcpv6 = defineProtocol<Dhcpv6Event, Dhcpv6Event, Dhcpv6Clients>()({
  name: 'dhcpv6',
  about: 'Dynamic Host Configuration Protocol for IPv6 (RFC 8415) with the options of a boot (RFC 5970)',
  over: ['ndp', 'icmp', 'dhcp'],
  events: {
    'dhcpv6.solicit': 'the client looks for DHCPv6 servers',
    'dhcpv6.advertise': 'a server offers an address',
    'dhcpv6.request': 'the client asks one server for an address',
    'dhcpv6.confirm': 'the client asks whether its address fits this link',
    'dhcpv6.renew': 'the client extends its lease',
    'dhcpv6.rebind': 'the client asks any server to extend its lease',
    'dhcpv6.reply': 'a server answers',
    'dhcpv6.release': 'the client gives its address back',
    'dhcpv6.decline': 'the client refuses an address that is in use',
    'dhcpv6.reconfigure': 'a server tells the client to ask anew',
    'dhcpv6.information-request': 'the client asks for settings only',
    'dhcpv6.other': 'a message of another type',
  },
  words: DHCPV6,
  // Firmware's network stack and every system with IPv6 ask for addresses beside the boot.
  incidental: true,
  shared: { claims: isDhcpv6, udpPorts: DHCPV6_PORTS, observe: (clients, emit) => new Dhcpv6Observer(clients, emit) },
  dissect: dissectDhcpv6,
  judge: dhcpv6Judging,
  shows: ({ message }) => {
    const text = vendorClassOf(message);
    return {
      architecture: architectureOf(message),
      vendorClass: text === undefined ? undefined : { text, boots: isFirmwareClass(text) },
    };
  },
  boot: dhcpv6Marks,
});
