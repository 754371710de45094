import type { Packet } from '../packet/packet.ts';
import { etherTypeText, ipProtocolText } from '../packet/protocol-names.ts';
import { ARP_ETHERTYPE } from './arp/wire/codec.ts';

// What captures hold beside the protocols that have a room: named for people, and judged by nobody.

const UDP = 17;

/** The name of a packet's protocol where no room may claim it; undefined for ARP, UDP and TCP, which one may. */
export function unjudgedName(packet: Packet): string | undefined {
  if (packet.undecoded !== undefined) return packet.undecoded;
  if (packet.udp ?? packet.tcp) return undefined;
  const ip = packet.ipv4 ?? packet.ipv6;
  if (ip) return ip.protocol === UDP ? undefined : ipProtocolText(ip.protocol);
  if (!packet.ethernet) return 'no frame that can be read';
  return packet.ethernet.etherType === ARP_ETHERTYPE ? undefined : etherTypeText(packet.ethernet.etherType);
}
