import { hexNumber } from './text.ts';

/** IP protocols that captures of a network show, by number (IANA protocol numbers). */
const IP_PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IP in IP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6 in IP',
  46: 'RSVP',
  47: 'GRE',
  50: 'IPsec ESP',
  51: 'IPsec AH',
  58: 'ICMPv6',
  59: 'no next header',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  115: 'L2TP',
  132: 'SCTP',
};

/** EtherTypes that no decoder here reads, by number (IEEE 802 numbers). */
const ETHERTYPES: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x0842: 'Wake-on-LAN',
  0x2000: 'Cisco Discovery Protocol',
  0x8035: 'RARP',
  0x8100: 'VLAN tag',
  0x809b: 'AppleTalk',
  0x8137: 'IPX',
  0x86dd: 'IPv6',
  0x8808: 'Ethernet flow control',
  0x8809: 'Slow Protocols (LACP)',
  0x8847: 'MPLS',
  0x8848: 'MPLS',
  0x8863: 'PPPoE discovery',
  0x8864: 'PPPoE',
  0x888e: 'EAPOL (802.1X)',
  0x88a2: 'ATA over Ethernet',
  0x88cc: 'LLDP',
  0x88e5: 'MACsec',
  0x88f7: 'PTP',
  0x8906: 'Fibre Channel over Ethernet',
  0x8914: 'FCoE initialisation',
  0x893a: 'IEEE 1905.1',
  0x9000: 'Ethernet loopback',
};

/** An IP protocol for people: its name, or its number. */
export const ipProtocolText = (protocol: number): string => IP_PROTOCOLS[protocol] ?? `IP protocol ${protocol}`;

/** What an EtherType field announces, for people. */
export function etherTypeText(etherType: number): string {
  // Below 1536 the field is a length: what follows is a frame of IEEE 802.2.
  if (etherType < 1536) return 'IEEE 802.2 LLC (spanning tree and the like)';
  const hex = hexNumber(etherType, 4);
  const name = ETHERTYPES[etherType];
  return name === undefined ? `Ethernet type ${hex}` : `${name} (Ethernet type ${hex})`;
}
