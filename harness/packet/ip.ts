import type { PacketInProgress } from './packet-in-progress.ts';
import { Ipv4Layer, Ipv6Layer, u16, type Fragment } from './layers.ts';
import { decodeTransport } from './transport.ts';

/** Decodes IPv4 (RFC 791) at `at`. Bytes after the header's total length are Ethernet padding. */
export function decodeIpv4(packet: PacketInProgress, at: number): void {
  const { bytes } = packet;
  const first = bytes[at] ?? 0;
  const headerLength = (first & 15) * 4;
  if (bytes.length < at + 20 || bytes.length < at + headerLength) {
    packet.fail(
      'ipv4',
      `the header has ${Math.max(20, headerLength)} bytes but there are only ${bytes.length - at}`,
      at,
    );
    return;
  }
  if (first >> 4 !== 4 || headerLength < 20) {
    packet.fail(
      'ipv4',
      first >> 4 !== 4
        ? `expected version 4, got ${first >> 4}`
        : `the header length is at least 20, got ${headerLength}`,
      at,
    );
    return;
  }
  const ip = new Ipv4Layer(bytes, at, headerLength);
  packet.ipv4 = ip;
  // 0: the kernel leaves the field to the card when it segments a super-frame.
  const end = ip.totalLength === 0 ? bytes.length : at + ip.totalLength;
  if (end < at + headerLength) {
    packet.fail('ipv4', `total length ${ip.totalLength} is less than the header's ${headerLength}`, at);
    return;
  }
  if (end > packet.wireLength) {
    packet.fail('ipv4', `total length ${ip.totalLength} is more than the frame's ${packet.wireLength - at}`, at);
    return;
  }
  decodeTransport(packet, ip.protocol, at + headerLength, end, ip.fragment);
}

// A sane sender writes each extension header once (RFC 8200 section 4.1); a limit of twice that stops hostile chains.
const MAX_EXTENSION_HEADERS = 16;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;

/** Decodes IPv6 (RFC 8200) at `at` with its extension headers. */
export function decodeIpv6(packet: PacketInProgress, at: number): void {
  const { bytes } = packet;
  if (bytes.length < at + 40) {
    packet.fail('ipv6', `the header has 40 bytes but there are only ${bytes.length - at}`, at);
    return;
  }
  if ((bytes[at] ?? 0) >> 4 !== 6) {
    packet.fail('ipv6', `expected version 6, got ${(bytes[at] ?? 0) >> 4}`, at);
    return;
  }
  const claimed = u16(bytes, at + 4);
  const end = claimed === 0 ? Math.max(bytes.length, at + 40) : at + 40 + claimed;
  let protocol = bytes[at + 6] ?? 0;
  let fragment: Fragment | undefined;
  let next = at + 40;
  let trouble: string | undefined =
    end > packet.wireLength
      ? `payload length ${claimed} is more than the frame's ${packet.wireLength - at - 40}`
      : undefined;
  for (let headers = 0; !trouble && isExtension(protocol); headers++) {
    const length =
      protocol === FRAGMENT
        ? 8
        : protocol === AUTHENTICATION
          ? ((bytes[next + 1] ?? 0) + 2) * 4
          : ((bytes[next + 1] ?? 0) + 1) * 8;
    if (headers === MAX_EXTENSION_HEADERS) trouble = `more than ${MAX_EXTENSION_HEADERS} extension headers`;
    else if (next + length > Math.min(end, bytes.length))
      trouble = `extension header ${protocol} has ${length} bytes but only ${Math.max(0, Math.min(end, bytes.length) - next)} remain`;
    else {
      if (protocol === FRAGMENT) fragment = fragmentAt(bytes, next);
      protocol = bytes[next] ?? 0;
      next += length;
      // Data follows the header of a later fragment, whatever the next-header field names (RFC 8200 section 4.5).
      if (fragment && fragment.offset > 0) break;
    }
  }
  packet.ipv6 = new Ipv6Layer(bytes, at, protocol, fragment);
  if (trouble) packet.fail('ipv6', trouble, at);
  else decodeTransport(packet, protocol, next, end, fragment);
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === FRAGMENT ||
    protocol === AUTHENTICATION ||
    protocol === DESTINATION_OPTIONS ||
    protocol === MOBILITY
  );
}

// Offset in units of 8 bytes in the upper 13 bits, bit 0 more fragments. An atomic fragment (RFC 6946) is a whole
// datagram.
function fragmentAt(bytes: Uint8Array, at: number): Fragment | undefined {
  const field = u16(bytes, at + 2);
  return (field & 0xfff9) === 0 ? undefined : { offset: field & 0xfff8, more: (field & 1) !== 0 };
}
