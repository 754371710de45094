import { joinBytes } from '../../packet/bytes.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';

/** Link type of these captures. */
const ETHERNET = 1;
const TOTAL_LENGTH_AT = 2;
const SEQUENCE_AT = 4;
const FLAGS_AT = 13;
const FIN = 1;

/** Where the pieces of so many bytes begin. */
export type Cuts = (length: number) => readonly number[];

/** Pieces of so many bytes. */
export const every =
  (bytes: number): Cuts =>
  (length) =>
    Array.from({ length: Math.ceil(length / bytes) }, (_, index) => index * bytes);

/** The first bytes apart. */
export const firstApart =
  (bytes: number): Cuts =>
  (length) =>
    length > bytes ? [0, bytes] : [0];

/** The same streams in other segments of TCP over IPv4, each piece at the time of its whole. What a frame lacks stays missing. */
export function inSegments(frames: readonly Frame[], cuts: Cuts): Frame[] {
  return frames.flatMap((frame) => piecesOf(frame, cuts)).map((frame, index) => ({ ...frame, number: index + 1 }));
}

function piecesOf(frame: Frame, cuts: Cuts): Frame[] {
  const { ipv4, tcp, payloadAt, payloadLength } = decodeFrame(frame.bytes, ETHERNET, frame.originalLength);
  const held = Math.min(payloadLength, frame.bytes.length - payloadAt);
  if (!ipv4 || !tcp || held <= 0) return [frame];
  const starts = cuts(held);
  const ends = [...starts.slice(1), payloadLength];
  return starts.map((start, index) => {
    const length = (ends[index] ?? payloadLength) - start;
    const isLast = index === starts.length - 1;
    const at = payloadAt + start;
    const bytes = joinBytes([frame.bytes.subarray(0, payloadAt), frame.bytes.subarray(at, at + length)]);
    const view = new DataView(bytes.buffer);
    view.setUint16(ipv4.offset + TOTAL_LENGTH_AT, payloadAt - ipv4.offset + length);
    view.setUint32(tcp.offset + SEQUENCE_AT, (tcp.sequence + start) >>> 0);
    if (!isLast) view.setUint8(tcp.offset + FLAGS_AT, tcp.flags & ~FIN);
    return { ...frame, bytes, originalLength: payloadAt + length };
  });
}
