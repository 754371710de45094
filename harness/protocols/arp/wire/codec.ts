import { ipv4Text, macTextAt } from '../../../packet/addresses-cache.ts';
import { u16, u32 } from '../../../packet/layers.ts';
import { type Malformed, malformed } from '../../../packet/malformed.ts';

/** EtherType of ARP (RFC 826). */
export const ARP_ETHERTYPE = 0x0806;
/** 6-byte hardware and 4-byte protocol addresses: 8 bytes of types and lengths, then 6 + 4 + 6 + 4 (RFC 826). */
export const ARP_LENGTH = 28;

/** ARP for IPv4 over Ethernet (RFC 826). */
export interface ArpMessage {
  readonly kind: 'arp';
  /** 1 request, 2 reply. */
  readonly operation: number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

/** Decodes ARP for IPv4 over Ethernet; other address families are malformed, with their numbers. */
export function decodeArp(bytes: Uint8Array): ArpMessage | Malformed {
  if (bytes.length < ARP_LENGTH)
    return malformed('arp', `a message has ${ARP_LENGTH} bytes but there are only ${bytes.length}`, bytes);
  const [hardware, protocol, lengths] = [u16(bytes, 0), u16(bytes, 2), u16(bytes, 4)];
  if (hardware !== 1 || protocol !== 0x0800 || lengths !== 0x0604)
    return malformed(
      'arp',
      `expected Ethernet (1), IPv4 (0x800) and lengths 6 and 4, got ${hardware}, 0x${protocol.toString(16)}, ${lengths >> 8} and ${lengths & 255}`,
      bytes,
    );
  return {
    kind: 'arp',
    operation: u16(bytes, 6),
    senderMac: macTextAt(bytes, 8),
    senderIp: ipv4Text(u32(bytes, 14)),
    targetMac: macTextAt(bytes, 18),
    targetIp: ipv4Text(u32(bytes, 24)),
  };
}
