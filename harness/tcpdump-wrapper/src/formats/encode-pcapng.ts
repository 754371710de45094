import type { CapturedFrame } from '../captured-frame.ts';
import { BLOCK } from './pcapng-format.ts';

/** How a pcapng capture is written; the defaults are what dumpcap does with one Ethernet interface. */
export interface PcapngEncoding {
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly littleEndian?: boolean;
  /** if_tsresol: 6 for microseconds, 9 for nanoseconds; with the top bit set a power of two. */
  readonly resolution?: number;
  /** if_tsoffset, seconds that are subtracted from each timestamp and written once. */
  readonly offsetSeconds?: number;
  /** opt_comment of a packet, which Wireshark shows beside it. */
  readonly comment?: (frame: CapturedFrame) => string;
}

/**
 * A whole pcapng capture in memory: one section, one interface, enhanced packet blocks. Captures can be joined end to
 * end.
 */
export function encodePcapng(frames: readonly CapturedFrame[], encoding: PcapngEncoding = {}): Uint8Array {
  const { linkType = 1, snapLength = 0, littleEndian = true, resolution = 6, offsetSeconds = 0, comment } = encoding;
  const unitsPerSecond = (resolution & 0x80) === 0 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
  const sectionBody = pack(littleEndian, [
    [4, 0x1a2b_3c4d],
    [2, 1],
    [2, 0],
    [8, 0xffff_ffff_ffff_ffffn],
  ]);
  const interfaceBody = pack(littleEndian, [
    [2, linkType],
    [2, 0],
    [4, snapLength],
    [2, 9],
    [2, 1],
    [1, resolution],
    [1, 0],
    [2, 0],
    [2, 14],
    [2, 8],
    [8, BigInt.asUintN(64, BigInt(offsetSeconds))],
    [4, 0],
  ]);
  const blocks = [block(littleEndian, BLOCK.section, sectionBody), block(littleEndian, BLOCK.interface, interfaceBody)];
  for (const frame of frames) {
    const sinceOffsetUs = BigInt(frame.atUs) - BigInt(offsetSeconds) * 1_000_000n;
    // Rounded up, so that a reader which rounds down to microseconds gets the same one back.
    const units = (sinceOffsetUs * unitsPerSecond + 999_999n) / 1_000_000n;
    const fixed = pack(littleEndian, [
      [4, 0],
      [4, Number(units >> 32n)],
      [4, Number(units & 0xffff_ffffn)],
      [4, frame.bytes.length],
      [4, frame.originalLength],
    ]);
    blocks.push(
      block(
        littleEndian,
        BLOCK.enhancedPacket,
        fixed,
        frame.bytes,
        ...(comment ? commentOption(littleEndian, frame, comment(frame)) : []),
      ),
    );
  }
  return concat(blocks);
}

/** Padding of the packet data, then opt_comment and the end of the options, each padded to 32 bits. */
function commentOption(littleEndian: boolean, frame: CapturedFrame, comment: string): Uint8Array[] {
  const text = new TextEncoder().encode(comment);
  const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
  return [
    padding(frame.bytes.length),
    pack(littleEndian, [
      [2, 1],
      [2, text.length],
    ]),
    text,
    padding(text.length),
    pack(littleEndian, [[4, 0]]),
  ];
}

/** One pcapng block of any type around a body given in pieces: framing and padding to 32 bits. */
export function block(littleEndian: boolean, type: number, ...pieces: Uint8Array[]): Uint8Array {
  const body = concat(pieces);
  const total = 12 + Math.ceil(body.length / 4) * 4;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, littleEndian);
  view.setUint32(4, total, littleEndian);
  bytes.set(body, 8);
  view.setUint32(total - 4, total, littleEndian);
  return bytes;
}

/** Fields of 1, 2, 4 or 8 bytes, one after the other. */
export function pack(
  littleEndian: boolean,
  fields: readonly (readonly [1 | 2 | 4 | 8, number | bigint])[],
): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 1) view.setUint8(at, Number(value));
    else if (size === 2) view.setUint16(at, Number(value), littleEndian);
    else if (size === 4) view.setUint32(at, Number(value), littleEndian);
    else view.setBigUint64(at, BigInt(value), littleEndian);
    at += size;
  }
  return bytes;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
