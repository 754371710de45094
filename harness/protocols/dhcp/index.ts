import type { Clients } from '../base/observe/shared-medium.ts';
import type { IcmpEvent } from '../icmp/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import type { TftpEvent } from '../tftp/observe/events.ts';
import { dhcpMarks } from './judge/boot-marks.ts';
import { clientShown } from './judge/client-shown.ts';
import { dhcpJudging } from './judge/route.ts';
import { DHCP } from './judge/vocabulary.ts';
import type { DhcpEvent } from './observe/events.ts';
import { DHCP_PORTS, DhcpObserver, isDhcp } from './observe/observer.ts';
import { dissectDhcp } from './wire/dissect.ts';

export const dhcp = defineProtocol<DhcpEvent, DhcpEvent | TftpEvent | IcmpEvent, Clients>()({
  name: 'dhcp',
  about: 'Dynamic Host Configuration Protocol (RFC 2131), with the boot servers of PXE 2.1 and the boot program of WDS',
  over: ['arp', 'icmp', 'tftp'],
  events: {
    'dhcp.discover': 'the client looks for DHCP servers',
    'dhcp.offer': 'a server offers an address',
    'dhcp.request': 'the client asks for an address',
    'dhcp.decline': 'the client refuses an address that is in use',
    'dhcp.ack': 'a server leases an address, or answers an INFORM',
    'dhcp.nak': 'a server refuses an address',
    'dhcp.release': 'the client gives its address back',
    'dhcp.inform': 'the client asks for options only',
    'dhcp.other': 'a message of another type',
    'proxydhcp.offer': 'a boot server offers itself, without an address',
    'proxydhcp.request': 'the client asks a boot server',
    'proxydhcp.ack': 'a boot server answers',
  },
  words: DHCP,
  shared: { claims: isDhcp, udpPorts: DHCP_PORTS, observe: (clients, emit) => new DhcpObserver(clients, emit) },
  dissect: dissectDhcp,
  judge: dhcpJudging,
  shows: ({ message }) => clientShown(message),
  boot: dhcpMarks,
});
