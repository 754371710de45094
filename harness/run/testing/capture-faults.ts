import { u16 } from '../../packet/layers.ts';
import { decodeFrame } from '../../packet/packet.ts';
import type { Frame } from '../../packet/frame.ts';
import { ETHERNET } from './mutations.ts';

// What captures do wrong, done to whole captures on Ethernet. Each gives a capture of its own, numbered anew.

const HOUR_US = 3_600_000_000;

/** How a packet looks where it is seen for the second time. */
export interface SecondSight {
  /** Microseconds after the first. */
  readonly laterUs?: number;
  /** Routers between the two places. */
  readonly routers?: number;
  /** A VLAN whose tag it has at the second place only. */
  readonly vlan?: number;
  /** Which frames are seen twice; all by default. */
  readonly which?: (frame: Frame, index: number) => boolean;
}

/** Frames are there twice: a bridge and its port, both sides of a router, a trunk. */
export function duplicated(frames: readonly Frame[], sight: SecondSight = {}): Frame[] {
  const { laterUs = 0, which = () => true } = sight;
  const seconds = frames
    .filter(which)
    .map((frame) => ({ ...frame, atUs: frame.atUs + laterUs, bytes: seenAgain(frame.bytes, sight) }))
    .map((frame) => ({ ...frame, originalLength: frame.originalLength + (sight.vlan === undefined ? 0 : 4) }));
  return numbered([...frames, ...seconds].sort((one, other) => one.atUs - other.atUs || one.number - other.number));
}

/** One frame, or some in a row, by a clock that is wrong. */
export function misdated(frames: readonly Frame[], from: number, count = 1, byUs = HOUR_US): Frame[] {
  return frames.map((frame, index) =>
    index >= from && index < from + count ? { ...frame, atUs: frame.atUs + byUs } : frame,
  );
}

/** Every frame keeps `bytes` bytes at most, as a snap length has it. */
export function cutTo(frames: readonly Frame[], bytes: number): Frame[] {
  return frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, bytes) }));
}

/** Only the frames that a host sent, or only those that it did not send. */
export function oneSide(frames: readonly Frame[], mac: string, side: 'sent' | 'received'): Frame[] {
  return numbered(
    frames.filter(({ bytes }) => (decodeFrame(bytes, ETHERNET).ethernet?.source === mac) === (side === 'sent')),
  );
}

/** Only UDP packets with one of these ports, as the filter `port 67 or port 69` has it. */
export function onlyPorts(frames: readonly Frame[], ports: readonly number[]): Frame[] {
  return numbered(
    frames.filter(({ bytes }) => {
      const { udp } = decodeFrame(bytes, ETHERNET);
      return udp !== undefined && (ports.includes(udp.sourcePort) || ports.includes(udp.destinationPort));
    }),
  );
}

/** The capture begins late. */
export const begunLate = (frames: readonly Frame[], at: number): Frame[] => numbered(frames.slice(at));

/** The capture ends early. */
export const endedEarly = (frames: readonly Frame[], at: number): Frame[] => frames.slice(0, at);

/** Frames are missing: the capture did not keep up. */
export const withHoles = (frames: readonly Frame[], isMissing: (index: number) => boolean): Frame[] =>
  numbered(frames.filter((_, index) => !isMissing(index)));

function numbered(frames: readonly Frame[]): Frame[] {
  return frames.map((frame, index) => ({ ...frame, number: index + 1 }));
}

function seenAgain(bytes: Uint8Array, { routers = 0, vlan }: SecondSight): Uint8Array {
  const again = Uint8Array.from(bytes);
  if (routers > 0 && u16(again, 12) === 0x0800) {
    // Other stations of the link layer, a smaller TTL, a header checksum that fits (left out: nobody looks at it).
    again.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
    again[22] = (again[22] ?? 0) - routers;
  }
  if (vlan === undefined) return again;
  const tagged = new Uint8Array(again.length + 4);
  tagged.set(again.subarray(0, 12));
  tagged.set([0x81, 0, vlan >> 8, vlan & 0xff], 12);
  tagged.set(again.subarray(12), 16);
  return tagged;
}
