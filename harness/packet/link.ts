import { decodeIpv4, decodeIpv6 } from './ip.ts';
import { linkTypeText } from './link-types.ts';
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
      decodeEthernet(packet, 0);
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
    case 0:
    case 108:
      decodeLoopback(packet);
      return;
    // Raw IP: 101 in files, 12 and 14 where a BSD wrote its own DLT_RAW.
    case 101:
    case 12:
    case 14:
      decodeRawIp(packet);
      return;
    case 228:
      decodeIpv4(packet, 0);
      return;
    case 229:
      decodeIpv6(packet, 0);
      return;
    default:
      packet.leave(linkTypeText(linkType), 0, packet.bytes.length);
  }
}

/** Decodes an Ethernet II or IEEE 802.3 frame that begins at `at`. */
export function decodeEthernet(packet: PacketInProgress, at: number): void {
  const { bytes } = packet;
  if (bytes.length < at + 14) {
    packet.fail('ethernet', `the header has 14 bytes but there are only ${Math.max(0, bytes.length - at)}`, at);
    return;
  }
  let next = at + 12;
  let etherType = u16(bytes, next);
  let vlans = NO_VLANS;
  // 802.1Q, 802.1ad and the older QinQ value: tag control, then the next EtherType.
  while ((etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100) && vlans.length < MAX_VLAN_TAGS) {
    if (bytes.length < next + 6) {
      packet.ethernet = new EthernetLayer(bytes, at, at + 6, at, etherType, vlans);
      packet.fail('ethernet', `the VLAN tag has 4 bytes but there are only ${bytes.length - next}`, next);
      return;
    }
    vlans = [...vlans, u16(bytes, next + 2) & 0x0fff];
    next += 4;
    etherType = u16(bytes, next);
  }
  packet.ethernet = new EthernetLayer(bytes, at, at + 6, at, etherType, vlans);
  decodeByEtherType(packet, etherType, next + 2);
}

/** Encapsulations that may carry IP and that nobody takes apart here, by EtherType. */
const NOT_TAKEN_APART: Readonly<Record<number, string>> = {
  0x8847: 'MPLS',
  0x8848: 'MPLS',
  0x8864: 'PPPoE',
  0x88e5: 'MACsec',
};

/** Decodes what an EtherType announces, from `at` on. */
export function decodeByEtherType(packet: PacketInProgress, etherType: number, at: number): void {
  if (etherType === 0x0800) decodeIpv4(packet, at);
  else if (etherType === 0x86dd) decodeIpv6(packet, at);
  // Below 1536 the field is the length of an 802.3 payload (spanning tree and the like); the rest is padding.
  else if (etherType < 1536) packet.carry(at, Math.min(at + etherType, Math.max(packet.bytes.length, at)));
  else {
    const what = NOT_TAKEN_APART[etherType];
    if (what === undefined) packet.carry(at, packet.bytes.length);
    else packet.leave(what, at, packet.bytes.length);
  }
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
    0,
    u16(bytes, layout.hardware) === ARPHRD_ETHER ? layout.address : -1,
    -1,
    etherType,
    NO_VLANS,
  );
  decodeByEtherType(packet, etherType, layout.header);
}

const AF_INET = 2;
/** AF_INET6 of Windows' Npcap, NetBSD and OpenBSD (24), FreeBSD (28), macOS (30) and Linux (10). */
const AF_INET6: readonly number[] = [24, 28, 30, 10];

/**
 * BSD loopback: an address family of 4 bytes, in the byte order of the capturing host (0) or of the network (108). A
 * file may have been written on a host of the other order, and families fit into a byte, so that the order shows.
 */
function decodeLoopback(packet: PacketInProgress): void {
  const { bytes } = packet;
  if (bytes.length < 4) {
    packet.fail('loopback', `the header has 4 bytes but there are only ${bytes.length}`, 0);
    return;
  }
  const little = u16(bytes, 2) === 0 && bytes[1] === 0;
  const family = little ? (bytes[0] ?? 0) : u16(bytes, 0) === 0 && bytes[2] === 0 ? (bytes[3] ?? 0) : -1;
  if (family === AF_INET) decodeIpv4(packet, 4);
  else if (AF_INET6.includes(family)) decodeIpv6(packet, 4);
  else if (family < 0) packet.fail('loopback', 'the address family is no number below 256 in either byte order', 0);
  // Other families of a loopback, such as AppleTalk and OSI, carry no IP.
  else packet.carry(4, bytes.length);
}

function decodeRawIp(packet: PacketInProgress): void {
  const version = (packet.bytes[0] ?? 0) >> 4;
  if (version === 4) decodeIpv4(packet, 0);
  else if (version === 6) decodeIpv6(packet, 0);
  else packet.fail('ip', packet.bytes.length === 0 ? 'there are no bytes' : `version ${version} is neither 4 nor 6`, 0);
}
