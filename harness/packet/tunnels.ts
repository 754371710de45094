import { u16, u32 } from './layers.ts';
import type { PacketInProgress } from './packet-in-progress.ts';
import { hexNumber } from './text.ts';

/** The EtherType of "an Ethernet frame follows" (transparent Ethernet bridging, RFC 7637 section 3.2). */
export const TRANSPARENT_ETHERNET = 0x6558;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

const PROTOCOL = { ipv4: 4, ipv6: 41, gre: 47, esp: 50, ah: 51, l2tp: 115 } as const;

/** IP protocols that carry packets, by number; of those that are not taken apart the name is said. */
const CARRIERS: Readonly<Record<number, string>> = {
  [PROTOCOL.ipv4]: 'IP in IP',
  [PROTOCOL.ipv6]: 'IP in IP',
  [PROTOCOL.gre]: 'GRE',
  [PROTOCOL.esp]: 'IPsec ESP',
  [PROTOCOL.ah]: 'IPsec AH',
  [PROTOCOL.l2tp]: 'L2TP',
};

/** Decodes what an IP header with any protocol but UDP and TCP carries between `at` and `end`. */
export function decodeOtherProtocol(
  packet: PacketInProgress,
  protocol: number,
  at: number,
  end: number,
  isFragment: boolean,
): void {
  const carrier = CARRIERS[protocol];
  if (carrier === undefined) packet.carry(at, end);
  else if (isFragment) packet.leave(`${carrier} in IP fragments`, at, end);
  else if (protocol === PROTOCOL.gre) decodeGre(packet, at, end);
  else if (protocol === PROTOCOL.ipv4) enterIpInIp(packet, ETHERTYPE_IPV4, at);
  else if (protocol === PROTOCOL.ipv6) enterIpInIp(packet, ETHERTYPE_IPV6, at);
  else packet.leave(carrier, at, end);
}

// RFC 2003 and RFC 4213 section 3: the inner header follows at once.
function enterIpInIp(packet: PacketInProgress, etherType: number, at: number): void {
  const ip = packet.ipv4 ?? packet.ipv6;
  if (ip) packet.enter({ protocol: 'IP in IP', id: undefined, ip, insideAt: at }, etherType);
}

const GRE = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, version: 0x0007 } as const;
/** EtherTypes that ERSPAN uses: types I and II, and type III (draft-foschiano-erspan-03). */
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;

// RFC 2784 and RFC 2890: flags and version 2, protocol type 2, then 4 bytes each for checksum, key and sequence number,
// as far as the flags announce them.
function decodeGre(packet: PacketInProgress, at: number, end: number): void {
  const { bytes } = packet;
  const flags = u16(bytes, at);
  const etherType = u16(bytes, at + 2);
  const version = flags & GRE.version;
  const keyAt = at + 4 + (flags & GRE.checksum ? 4 : 0);
  const insideAt = keyAt + (flags & GRE.key ? 4 : 0) + (flags & GRE.sequence ? 4 : 0);
  const ip = packet.ipv4 ?? packet.ipv6;
  const present = Math.min(end, bytes.length);
  if (!ip || present < at + 4 || (version === 0 && present < insideAt)) {
    const needed = present < at + 4 ? 4 : insideAt - at;
    packet.fail('gre', `the header has ${needed} bytes but there are only ${Math.max(0, present - at)}`, at);
  } else if (version !== 0) packet.leave(`GRE version ${version}${version === 1 ? ' (PPTP)' : ''}`, at, end);
  // RFC 1701 put source routes here; RFC 2784 section 2.1 has such packets dropped.
  else if (flags & GRE.routing) packet.leave('GRE with source routes', at, end);
  else if (etherType === ERSPAN || etherType === ERSPAN_III)
    decodeErspan(packet, insideAt, end, erspanHeader(etherType, flags));
  else if (etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6 || etherType === TRANSPARENT_ETHERNET)
    packet.enter({ protocol: 'GRE', id: flags & GRE.key ? u32(bytes, keyAt) : undefined, ip, insideAt }, etherType);
  else packet.leave(`GRE with protocol type ${hexNumber(etherType, 4)}`, at, end);
}

// Type I has no header of its own, and is known by the missing sequence number.
const erspanHeader = (etherType: number, flags: number): number =>
  etherType === ERSPAN_III ? 12 : flags & GRE.sequence ? 8 : 0;

// Type II: version and VLAN 2, class to session 2 (session in the lower 10 bits), index 4. Type III: 12 bytes that begin
// in the same way; the lowest bit of the last announces 8 more.
function decodeErspan(packet: PacketInProgress, at: number, end: number, header: number): void {
  const { bytes } = packet;
  const ip = packet.ipv4 ?? packet.ipv6;
  const hasMore = header === 12 && ((bytes[at + 11] ?? 0) & 1) !== 0;
  const insideAt = at + header + (hasMore ? 8 : 0);
  const present = Math.min(end, bytes.length);
  if (!ip || present < insideAt)
    packet.fail('erspan', `the header has ${insideAt - at} bytes but there are only ${Math.max(0, present - at)}`, at);
  else
    packet.enter(
      { protocol: 'ERSPAN', id: header === 0 ? undefined : u16(bytes, at + 2) & 0x03ff, ip, insideAt },
      TRANSPARENT_ETHERNET,
    );
}

const VXLAN_HEADER_BYTES = 8;

/** RFC 7348 section 5, and what Linux used before there was a number. */
export const isVxlanPort = (port: number): boolean => port === 4789 || port === 8472;

/**
 * Whether a VXLAN header begins at `at`: flags 1 (bit 0x08 for a valid identifier), reserved 3, identifier 3, reserved 1.
 * A receiver ignores reserved bits, yet here all must be zero: a client may choose these ports for its end of a transfer.
 */
export function isVxlan(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    Math.min(end, bytes.length) >= at + VXLAN_HEADER_BYTES && u32(bytes, at) === 0x0800_0000 && bytes[at + 7] === 0
  );
}

/** Goes on with the Ethernet frame after a VXLAN header at `at`. */
export function enterVxlan(packet: PacketInProgress, at: number): void {
  const ip = packet.ipv4 ?? packet.ipv6;
  if (ip)
    packet.enter(
      { protocol: 'VXLAN', id: u32(packet.bytes, at + 4) >>> 8, ip, insideAt: at + VXLAN_HEADER_BYTES },
      TRANSPARENT_ETHERNET,
    );
}
