import type { Packet } from '../../../packet/packet.ts';
import type { Endpoint } from './seen.ts';

/** An address and a port as one map key: a number for IPv4 (48 bits fit a double), a text for IPv6. */
export type EndKey = number | string;

/** The sender's end of a UDP or TCP packet. */
export function sourceKey(packet: Packet): EndKey {
  const port = packet.udp?.sourcePort ?? packet.tcp?.sourcePort ?? 0;
  return packet.ipv4 ? packet.ipv4.sourceNumber * 0x1_0000 + port : `${packet.ipv6?.source ?? ''}|${port}`;
}

/** The receiver's end of a UDP or TCP packet. */
export function destinationKey(packet: Packet): EndKey {
  const port = packet.udp?.destinationPort ?? packet.tcp?.destinationPort ?? 0;
  return packet.ipv4 ? packet.ipv4.destinationNumber * 0x1_0000 + port : `${packet.ipv6?.destination ?? ''}|${port}`;
}

/** The sender of a packet as events show it. */
export function sourceOf(packet: Packet): Endpoint {
  return {
    mac: packet.ethernet?.source ?? '',
    ip: sourceIp(packet),
    port: packet.udp?.sourcePort ?? packet.tcp?.sourcePort ?? 0,
  };
}

/** The receiver of a packet as events show it. */
export function destinationOf(packet: Packet): Endpoint {
  return {
    mac: packet.ethernet?.destination ?? '',
    ip: destinationIp(packet),
    port: packet.udp?.destinationPort ?? packet.tcp?.destinationPort ?? 0,
  };
}

/** The sender's IP address; empty when the packet has none. */
export function sourceIp(packet: Packet): string {
  return packet.ipv4?.source ?? packet.ipv6?.source ?? '';
}

/** The receiver's IP address; empty when the packet has none. */
export function destinationIp(packet: Packet): string {
  return packet.ipv4?.destination ?? packet.ipv6?.destination ?? '';
}

/** `ip:port`, IPv6 in brackets. */
export function endText({ ip, port }: Pick<Endpoint, 'ip' | 'port'>): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
