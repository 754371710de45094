import { layer, type Dissection } from '../packet/dissection.ts';
import type { Packet } from '../packet/packet.ts';
import { etherTypeText, ipProtocolText } from '../packet/protocol-names.ts';
import { hex } from '../packet/text.ts';
import { ARP_ETHERTYPE } from './arp/wire/codec.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, DHCPV6_TYPES, FIRST_RELAY_TYPE } from './dhcpv6/wire/types.ts';

// What captures hold beside the protocols that have a room: named for people, and judged by nobody.

const DHCPV6_PORTS: readonly number[] = [DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT];

const isDhcpv6 = ({ ipv6, udp }: Packet): boolean =>
  ipv6 !== undefined &&
  udp !== undefined &&
  (DHCPV6_PORTS.includes(udp.sourcePort) || DHCPV6_PORTS.includes(udp.destinationPort));

/** The summary of a UDP datagram of a protocol without a room, and its layer; undefined where not even the name is known. */
export function dissectUnjudged(packet: Packet): Dissection | undefined {
  const [type] = packet.payload;
  if (!isDhcpv6(packet) || type === undefined) return undefined;
  const name = DHCPV6_TYPES[type] ?? `type ${type}`;
  // Type 1, then a transaction id of 3 bytes; a relay's message has a hop count there (sections 8 and 9).
  const transaction =
    type >= FIRST_RELAY_TYPE || packet.payload.length < 4 ? undefined : `0x${hex(packet.payload.subarray(1, 4))}`;
  return {
    summary: `DHCPv6 ${name}${transaction === undefined ? '' : `, transaction ${transaction}`}`,
    layers: [layer('dhcpv6', packet.payload, { type: name, transaction }, { type: [0, 1], transaction: [1, 3] })],
  };
}

const UDP = 17;

/** The name of a packet's protocol where no room may claim it; undefined for ARP, UDP and TCP, which one may. */
export function unjudgedName(packet: Packet): string | undefined {
  if (packet.undecoded !== undefined) return packet.undecoded;
  if (isDhcpv6(packet)) return 'DHCPv6';
  if (packet.udp ?? packet.tcp) return undefined;
  const ip = packet.ipv4 ?? packet.ipv6;
  if (ip) return ip.protocol === UDP ? undefined : ipProtocolText(ip.protocol);
  if (!packet.ethernet) return 'no frame that can be read';
  return packet.ethernet.etherType === ARP_ETHERTYPE ? undefined : etherTypeText(packet.ethernet.etherType);
}
