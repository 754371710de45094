import { beginsSmb } from '../../protocols/smb/wire/header.ts';
import { isUdpcast } from '../../protocols/multicast/observe/observer.ts';
import { sourceIp } from '../../protocols/base/observe/flow-ends.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import type { GoodBoot, MutationJudge } from './mutation-judge.ts';
import { ETHERNET, type Target } from './mutations.ts';
import { udpcastOp } from './udpcast-fields.ts';

/** Bulk frames of each kind that stand for all of theirs. */
const SAMPLES = 60;

/**
 * The frames of a boot that mean something: those that a step or an event names, and a sample of the bulk between them.
 */
export function targetsOf(boot: GoodBoot, judge: MutationJudge): Target[] {
  const { frames } = boot;
  const indexOf = new Map(frames.map(({ number }, index) => [number, index]));
  const numbers = [
    ...judge.results.flatMap(({ steps }) => steps.flatMap((step) => step.frames)),
    ...judge.goodEvents.flatMap(({ event }) => [
      event.frame,
      ...('requestFrame' in event ? [event.requestFrame] : []),
      ...('firstFrame' in event ? [event.firstFrame] : []),
    ]),
  ];
  const named = [...new Set(numbers.flatMap((number) => indexOf.get(number) ?? []))].sort((a, b) => a - b);
  const isNamed = new Set(named);
  const bulk = bulkOf(boot, isNamed);
  return [
    ...named.map((index, position) => ({ index, next: named[position + 1], bulk: false })),
    // A bulk frame changes places with its neighbour of the same conversation; a segment of TCP with the next one of its
    // own stream, since what is under way in both directions at once has no order.
    ...[...bulk.values()]
      .flatMap((list) => evenly(list, SAMPLES))
      .map((index) => ({ index, next: nextOf(index, frames, judge), bulk: true })),
  ];
}

function nextOf(index: number, frames: readonly Frame[], judge: MutationJudge): number | undefined {
  const stream = streamOf(frames[index]);
  for (let next = index + 1; next < frames.length; next++)
    if (
      judge.conversationAt(next) === judge.conversationAt(index) &&
      (stream === undefined || streamOf(frames[next]) === stream)
    )
      return next;
  return undefined;
}

/** Whose bytes a segment of TCP carries; undefined for other frames, and for segments without any. */
function streamOf(frame: Frame | undefined): string | undefined {
  const packet = frame && decodeFrame(frame.bytes, ETHERNET, frame.originalLength);
  if (!packet?.tcp || packet.payloadLength === 0) return undefined;
  return `${sourceIp(packet)}:${packet.tcp.sourcePort}>${packet.tcp.destinationPort}`;
}

/** Frames that carry bulk, by what they are: TFTP DATA and ACK, the three kinds of segments of SMB READs. */
function bulkOf({ frames }: GoodBoot, isNamed: ReadonlySet<number>): Map<string, number[]> {
  const bulk = new Map<string, number[]>();
  const put = (kind: string, index: number): void => {
    const list = bulk.get(kind);
    if (list) list.push(index);
    else bulk.set(kind, [index]);
  };
  for (const [index, frame] of frames.entries()) {
    const packet = decodeFrame(frame.bytes, ETHERNET, frame.originalLength);
    const { udp, tcp, payload } = packet;
    if (isNamed.has(index) || payload.length === 0) continue;
    if (isUdpcast(packet)) {
      put(`udpcast ${udpcastOp(payload) ?? ''}`, index);
      continue;
    }
    if (udp && payload[0] === 0 && payload[1] === 3) put('tftp data', index);
    else if (udp && payload[0] === 0 && payload[1] === 4) put('tftp ack', index);
    else if (tcp && tcp.destinationPort === 445) put('smb read request', index);
    else if (tcp && beginsSmb(payload)) put('smb read response', index);
    else if (tcp) put('smb read data', index);
  }
  return bulk;
}

/** `count` members of a list, at even distances; fewer when it has not so many. */
function evenly(list: readonly number[], count: number): number[] {
  const step = Math.max(1, list.length / count);
  return Array.from(
    { length: Math.min(count, list.length) },
    (_, position) => list[Math.floor((position + 0.5) * step)],
  ).filter((index) => index !== undefined);
}
