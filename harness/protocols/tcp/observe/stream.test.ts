import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../packet/frame.ts';
import { MAX_PENDING_BYTES } from './pending-segments.ts';
import { TcpStream } from './stream.ts';
import { RecordingReader } from '../testing/recording-reader.ts';

const frameOf = (bytes: Uint8Array): Frame => ({ number: 1, atUs: 0, bytes, originalLength: bytes.length });
const payload = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

function streamFrom(
  initial: number,
  takes?: number,
): {
  stream: TcpStream;
  reader: RecordingReader;
  losses: number[];
  send: (start: number, bytes: Uint8Array, wireLength?: number) => boolean;
} {
  const reader = new RecordingReader(takes);
  const losses: number[] = [];
  const stream = new TcpStream(reader, (bytes) => losses.push(bytes));
  stream.start(initial);
  const send = (start: number, bytes: Uint8Array, wireLength = bytes.length): boolean =>
    stream.segment((initial + start) >>> 0, frameOf(bytes), 0, wireLength);
  return { stream, reader, losses, send };
}

describe('tcp stream', () => {
  test('any order, overlap and repetition of segments that cover the payload gives the same stream', () => {
    const cut = fc.record({ start: fc.nat(199), length: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(
        fc.array(cut, { maxLength: 40 }),
        fc.nat(0xffff_ffff),
        fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        fc.infiniteStream(fc.nat(1000)),
        (cuts, initial, takes, order) => {
          const bytes = payload(200);
          const covering = Array.from({ length: 10 }, (_, i) => ({ start: i * 20, length: 20 }));
          const shuffled = [...cuts, ...covering]
            .map((c) => ({ ...c, at: Number(order.next().value) }))
            .sort((a, b) => a.at - b.at);
          const { reader, losses, send } = streamFrom(initial, takes);
          for (const { start, length } of shuffled) send(start, bytes.subarray(start, Math.min(start + length, 200)));
          const whole = takes === undefined ? 200 : 200 - (200 % takes);
          expect(reader.bytes).toEqual([...bytes.subarray(0, whole)]);
          expect(losses).toEqual([]);
        },
      ),
    );
  });

  test('the first copy of a byte wins, as it does in the receiver', () => {
    const { reader, send } = streamFrom(0);
    send(2, Uint8Array.of(3, 4));
    send(1, Uint8Array.of(9, 9, 9, 5));
    send(0, Uint8Array.of(1, 8));
    expect(reader.bytes).toEqual([1, 8, 3, 4, 5]);
  });

  test('a hole that the receiver acknowledged is given up after eight more frames, and said to be lost', () => {
    const { stream, reader, losses, send } = streamFrom(0);
    send(0, Uint8Array.of(1, 2));
    send(5, Uint8Array.of(6, 7));
    for (let i = 0; i < 8; i++) stream.acknowledge(7, frameOf(payload(0)));
    expect(reader.bytes).toEqual([1, 2]);
    stream.acknowledge(7, frameOf(payload(0)));
    expect(reader.bytes).toEqual([1, 2, -1, -1, -1, 6, 7]);
    expect(losses).toEqual([3]);
  });

  test('a hole that nobody acknowledged waits for its retransmission', () => {
    const { stream, reader, losses, send } = streamFrom(0);
    send(2, Uint8Array.of(3));
    for (let i = 0; i < 50; i++) stream.acknowledge(0, frameOf(payload(0)));
    stream.flush(frameOf(payload(0)));
    expect(reader.bytes).toEqual([]);
    send(0, Uint8Array.of(1, 2));
    expect(reader.bytes).toEqual([1, 2, 3]);
    expect(losses).toEqual([]);
  });

  test('a capture that starts late takes its first segment as the beginning', () => {
    const reader = new RecordingReader();
    const stream = new TcpStream(reader, () => undefined);
    stream.segment(0xffff_fffe, frameOf(Uint8Array.of(1, 2, 3)), 0, 3);
    stream.segment(1, frameOf(Uint8Array.of(4)), 0, 1);
    expect(reader.bytes).toEqual([1, 2, 3, 4]);
  });

  test('bytes that a trimmed capture does not hold are lost to a reader that wants them, not to one that skips them', () => {
    const { stream, reader, send } = streamFrom(0);
    send(0, Uint8Array.of(1, 2), 4);
    expect(reader.bytes).toEqual([1, 2, -1, -1]);
    stream.skip(4, true);
    expect(send(4, Uint8Array.of(9), 4)).toBe(true);
    expect(reader.bytes.slice(4)).toEqual([-2]);
  });

  test('a segment is bulk only when the whole of it is skipped, in order or ahead of a hole, first time or repeated', () => {
    const { stream, send } = streamFrom(0);
    stream.skip(30, true);
    expect(send(0, payload(10))).toBe(true);
    expect(send(20, payload(10))).toBe(true);
    expect(send(25, payload(10))).toBe(false);
    expect(send(10, payload(10))).toBe(true);
    expect(send(10, payload(10))).toBe(true);
    expect(stream.retransmissions).toBe(1);
  });

  test('a skip that is not bulk keeps the evidence', () => {
    const { stream, send } = streamFrom(0);
    stream.skip(10, false);
    expect(send(0, payload(10))).toBe(false);
  });

  test('the FIN ends the stream when everything before it is there', () => {
    const { stream, send } = streamFrom(0);
    stream.finish(3);
    send(1, Uint8Array.of(2, 3));
    expect(stream.ended).toBe(false);
    send(0, Uint8Array.of(1));
    expect(stream.ended).toBe(true);
  });

  test('keep-alive probes are no retransmissions', () => {
    const { stream, send } = streamFrom(0);
    send(0, Uint8Array.of(1, 2));
    send(1, Uint8Array.of(0));
    expect(stream.retransmissions).toBe(0);
    send(0, Uint8Array.of(1, 2));
    expect(stream.retransmissions).toBe(1);
  });

  test('memory is bounded: a hole is given up when a megabyte waits behind it', () => {
    const { stream, losses, send } = streamFrom(0);
    const segment = payload(1460);
    for (let i = 1; i <= 2000; i++) {
      send(i * 1460, segment);
      expect(stream.heldBytes).toBeLessThanOrEqual(MAX_PENDING_BYTES + 2 * 1460);
    }
    expect(losses).toEqual([1460]);
  });

  test('no garbage makes it throw or hold more than its limit', () => {
    const step = fc.record({
      sequence: fc.nat(0xffff_ffff),
      length: fc.nat(3000),
      held: fc.nat(100),
      ack: fc.nat(0xffff_ffff),
      fin: fc.boolean(),
      skip: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { stream } = streamFrom(0);
        stream.reader = { need: 1, read: (bytes) => bytes.length, skipped: () => undefined, lost: () => undefined };
        for (const { sequence, length, held, ack, fin, skip } of steps) {
          const frame = frameOf(payload(Math.min(held, length)));
          stream.segment(sequence, frame, 0, length);
          stream.acknowledge(ack, frame);
          if (fin) stream.finish(sequence);
          stream.skip(skip, true);
        }
        stream.flush(frameOf(payload(0)));
        expect(stream.heldBytes).toBeLessThan(MAX_PENDING_BYTES);
      }),
    );
  });
});
