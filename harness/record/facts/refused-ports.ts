import type { Packet } from '../../packet/packet.ts';

const ICMP = 1;
/** RFC 792: destination unreachable, port unreachable. */
const UNREACHABLE = 3;
const PORT = 3;

/** The host that says in this packet that it has no service on a UDP port; undefined for every other packet. */
export function portRefusedBy({ ipv4, payload }: Packet): string | undefined {
  return ipv4?.protocol === ICMP && payload[0] === UNREACHABLE && payload[1] === PORT ? ipv4.source : undefined;
}
