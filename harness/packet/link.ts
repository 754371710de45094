import { decodeIpv4, decodeIpv6 } from './ip.ts';
import type { PacketInProgress } from './packet-in-progress.ts';
import { EthernetLayer, u16 } from './layers.ts';

const NO_VLANS: readonly number[] = [];
// Provider bridges nest two tags; the bound only keeps a hostile frame from being walked tag by tag.
const MAX_VLAN_TAGS = 8;
const ARPHRD_ETHER = 1;

/** Decodes a frame from its link-layer header on. Numbers: https://www.tcpdump.org/linktypes.html */
export function decodeLink(packet: PacketInProgress, linkType: number): void {
  switch (linkType) {
    case 1:
      decodeEthernet(packet);
      return;
    case 113:
      // SLL: packet type, ARPHRD type, address length (2 bytes each), address (8), protocol (2).
      decodeCooked(packet, { header: 16, protocol: 14, hardware: 2, address: 6 });
      return;
    case 276:
      // SLL2: protocol (2), reserved (2), interface index (4), ARPHRD type (2), packet type, address length, address
      // (8).
      decodeCooked(packet, { header: 20, protocol: 0, hardware: 8, address: 12 });
      return;
    case 101:
    case 12:
      decodeRawIp(packet);
      return;
    default:
      packet.fail(
        'link',
        `link type ${linkType} is none of 1 (Ethernet), 113 (SLL), 276 (SLL2), 101 and 12 (raw IP)`,
        0,
      );
  }
}

function decodeEthernet(packet: PacketInProgress): void {
  const { bytes } = packet;
  if (bytes.length < 14) {
    packet.fail('ethernet', `the header has 14 bytes but there are only ${bytes.length}`, 0);
    return;
  }
  let at = 12;
  let etherType = u16(bytes, at);
  let vlans = NO_VLANS;
  // 802.1Q, 802.1ad and the older QinQ value: tag control, then the next EtherType.
  while ((etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100) && vlans.length < MAX_VLAN_TAGS) {
    if (bytes.length < at + 6) {
      packet.ethernet = new EthernetLayer(bytes, 6, 0, etherType, vlans);
      packet.fail('ethernet', `the VLAN tag has 4 bytes but there are only ${bytes.length - at}`, at);
      return;
    }
    vlans = [...vlans, u16(bytes, at + 2) & 0x0fff];
    at += 4;
    etherType = u16(bytes, at);
  }
  packet.ethernet = new EthernetLayer(bytes, 6, 0, etherType, vlans);
  decodeByEtherType(packet, etherType, at + 2);
}

function decodeCooked(
  packet: PacketInProgress,
  layout: { readonly header: number; readonly protocol: number; readonly hardware: number; readonly address: number },
): void {
  const { bytes } = packet;
  if (bytes.length < layout.header) {
    packet.fail('sll', `the header has ${layout.header} bytes but there are only ${bytes.length}`, 0);
    return;
  }
  const etherType = u16(bytes, layout.protocol);
  packet.ethernet = new EthernetLayer(
    bytes,
    u16(bytes, layout.hardware) === ARPHRD_ETHER ? layout.address : -1,
    -1,
    etherType,
    NO_VLANS,
  );
  decodeByEtherType(packet, etherType, layout.header);
}

function decodeRawIp(packet: PacketInProgress): void {
  const version = (packet.bytes[0] ?? 0) >> 4;
  if (version === 4) decodeIpv4(packet, 0);
  else if (version === 6) decodeIpv6(packet, 0);
  else packet.fail('ip', packet.bytes.length === 0 ? 'there are no bytes' : `version ${version} is neither 4 nor 6`, 0);
}

function decodeByEtherType(packet: PacketInProgress, etherType: number, at: number): void {
  if (etherType === 0x0800) decodeIpv4(packet, at);
  else if (etherType === 0x86dd) decodeIpv6(packet, at);
  // Below 1536 the field is the length of an 802.3 payload (spanning tree and the like); the rest is padding.
  else
    packet.carry(
      at,
      etherType < 1536 ? Math.min(at + etherType, Math.max(packet.bytes.length, at)) : packet.bytes.length,
    );
}
