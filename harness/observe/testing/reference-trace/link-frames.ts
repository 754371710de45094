import { ipv4Bytes, macBytes } from '../../../packet/addresses.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { internetChecksum } from '../../../packet/internet-checksum.ts';

/** A host of the trace. */
export interface TraceHost {
  readonly mac: string;
  readonly ip: string;
  /** The capture ran on the server: what it sends is seen before the card pads it to 60 bytes. */
  readonly padded: boolean;
}

/**
 * Client and server of the reference trace; its MAC addresses are written with their makers' names (00:11:11 Intel,
 * 00:1f:29 Hewlett-Packard).
 */
export const TRACE_CLIENT: TraceHost = { mac: '00:11:11:80:d2:92', ip: '172.22.52.222', padded: true };
export const TRACE_SERVER: TraceHost = { mac: '00:1f:29:04:77:0d', ip: '172.22.52.207', padded: false };

export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const u16 = (value: number): Uint8Array => u8(value >>> 8, value & 0xff);
export const u32 = (value: number): Uint8Array => joinBytes([u16(value >>> 16), u16(value & 0xffff)]);
export const zeros = (count: number): Uint8Array => new Uint8Array(count);
/** Little-endian, 1 to 8 bytes. */
export const le = (value: number, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256);

/** Bytes that stand for unknown content: the same on every build, different for each `seed`. */
export function filler(length: number, seed: number): Uint8Array {
  let state = (seed * 2_654_435_761) >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** An ARP message (RFC 826); a request goes to everybody. */
export function arpFrame(from: TraceHost, to: TraceHost, operation: 'request' | 'reply'): Uint8Array {
  const request = operation === 'request';
  const target = request ? '00:00:00:00:00:00' : to.mac;
  const body = [
    u8(0, 1, 8, 0, 6, 4, 0, request ? 1 : 2),
    macBytes(from.mac),
    ipv4Bytes(from.ip),
    macBytes(target),
    ipv4Bytes(to.ip),
  ];
  return ethernet(from, request ? 'ff:ff:ff:ff:ff:ff' : to.mac, 0x0806, joinBytes(body));
}

/** A UDP datagram in an Ethernet frame, checksums right. */
export function udpFrame(
  from: TraceHost,
  sourcePort: number,
  to: TraceHost,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  const datagram = joinBytes([u16(sourcePort), u16(destinationPort), u16(8 + payload.length), zeros(2), payload]);
  return ipv4Frame(from, to, 17, withChecksum(datagram, 6, from, to, 17));
}

/** One TCP segment's numbers and flags. */
export interface SegmentParts {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly window: number;
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

/** A TCP segment in an Ethernet frame, checksums right. */
export function tcpFrame(from: TraceHost, to: TraceHost, parts: SegmentParts): Uint8Array {
  const { options = zeros(0), payload = zeros(0) } = parts;
  const head = [
    u16(parts.sourcePort),
    u16(parts.destinationPort),
    u32(parts.sequence),
    u32(parts.acknowledgement),
    u8((5 + options.length / 4) << 4, parts.flags),
    u16(parts.window),
    zeros(4),
  ];
  return ipv4Frame(from, to, 6, withChecksum(joinBytes([...head, options, payload]), 16, from, to, 6));
}

function ipv4Frame(from: TraceHost, to: TraceHost, protocol: number, body: Uint8Array): Uint8Array {
  // Identification 0: atomic datagrams need none (RFC 6864 section 4.1).
  const header = joinBytes([
    u8(0x45, 0),
    u16(20 + body.length),
    u16(0),
    u16(0x4000),
    u8(128, protocol),
    zeros(2),
    ipv4Bytes(from.ip),
    ipv4Bytes(to.ip),
  ]);
  header.set(u16(internetChecksum(header, 10)), 10);
  return ethernet(from, to.mac, 0x0800, joinBytes([header, body]));
}

function ethernet(from: TraceHost, destination: string, etherType: number, body: Uint8Array): Uint8Array {
  const frame = joinBytes([macBytes(destination), macBytes(from.mac), u16(etherType), body]);
  return from.padded && frame.length < 60 ? joinBytes([frame, zeros(60 - frame.length)]) : frame;
}

function withChecksum(segment: Uint8Array, at: number, from: TraceHost, to: TraceHost, protocol: number): Uint8Array {
  const pseudoHeader = joinBytes([ipv4Bytes(from.ip), ipv4Bytes(to.ip), u8(0, protocol), u16(segment.length)]);
  const sum = internetChecksum(joinBytes([pseudoHeader, segment]), pseudoHeader.length + at);
  segment.set(u16(sum || 0xffff), at);
  return segment;
}
