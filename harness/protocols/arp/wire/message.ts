import { ipv4Text, macTextAt } from '../../../packet/addresses-cache.ts';
import type { PacketInProgress } from '../../../packet/packet-in-progress.ts';
import { u16, u32 } from '../../../packet/layers.ts';

// RFC 826 with 6-byte hardware and 4-byte protocol addresses: 8 bytes of types and lengths, then 6 + 4 + 6 + 4.
const ARP_LENGTH = 28;

/** Decodes ARP for IPv4 over Ethernet; other address families are malformed, with their numbers. */
export function decodeArp(packet: PacketInProgress, at: number): void {
  const { bytes } = packet;
  if (bytes.length < at + ARP_LENGTH) {
    packet.fail('arp', `a message has ${ARP_LENGTH} bytes but there are only ${bytes.length - at}`, at);
    return;
  }
  const [hardware, protocol, lengths] = [u16(bytes, at), u16(bytes, at + 2), u16(bytes, at + 4)];
  if (hardware !== 1 || protocol !== 0x0800 || lengths !== 0x0604) {
    packet.fail(
      'arp',
      `expected Ethernet (1), IPv4 (0x800) and lengths 6 and 4, got ${hardware}, 0x${protocol.toString(16)}, ${lengths >> 8} and ${lengths & 255}`,
      at,
    );
    return;
  }
  packet.arp = {
    operation: u16(bytes, at + 6),
    senderMac: macTextAt(bytes, at + 8),
    senderIp: ipv4Text(u32(bytes, at + 14)),
    targetMac: macTextAt(bytes, at + 18),
    targetIp: ipv4Text(u32(bytes, at + 24)),
  };
  packet.carry(at + ARP_LENGTH, at + ARP_LENGTH);
}
