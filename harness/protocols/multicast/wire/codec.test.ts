import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { encodeUdpcast } from '../testing/encode.ts';
import { beginsUdpcast, bitsSet, decodeUdpcast } from './codec.ts';
import { dissectUdpcast } from './dissect.ts';
import type { UdpcastMessage } from './message.ts';

// Bytes of udp-sender and udp-receiver 20120424 (testdata/straggler.pcap), but for those of REQACK and RETRANSMIT with a
// shorter map.
const HELLO = annotated(`
  0500 0000     ; HELLO
  00000009      ; new generation, big-endian
  ea090001 .. 12; DATA goes to 234.9.0.1
  05b0 0000     ; blocks of 1456 bytes`);
const CONNECT_REPLY = annotated(`
  0007 0000     ; CONNECT_REPLY
  00000002      ; client 2
  000005b0      ; blocks of 1456 bytes
  00000009      ; new generation, big-endian
  ea090001 .. 12`);
const RETRANSMIT = annotated(`
  0001 0000 ; RETRANSMIT
  00000002  ; slice 2
  00000001  ; round 1
  ff0f      ; the first 12 blocks are there`);

describe('a packet of udpcast', () => {
  it('says what the source says that it says', () => {
    expect(decodeUdpcast(HELLO)).toEqual({
      op: 'hello',
      streaming: false,
      capabilities: 9,
      group: '234.9.0.1',
      blockSize: 1456,
    });
    expect(decodeUdpcast(CONNECT_REPLY)).toEqual({
      op: 'connect-reply',
      clientNumber: 2,
      blockSize: 1456,
      capabilities: 9,
      group: '234.9.0.1',
    });
    expect(decodeUdpcast(annotated('0003 0000 00000009 00034000'))).toEqual({
      op: 'connect-request',
      capabilities: 9,
      receiveBuffer: 212_992,
    });
    const missing = decodeUdpcast(RETRANSMIT);
    expect(missing).toMatchObject({ op: 'retransmit', slice: 2, round: 1 });
    expect(bitsSet((missing as { has: Uint8Array }).has, 20)).toBe(12);
  });

  it('counts the bytes of an image that the capture has cut', () => {
    const header = annotated('0008 0000 00000001 001f 0000 0000b600');
    expect(decodeUdpcast(header, 1472)).toEqual({
      op: 'data',
      slice: 1,
      block: 31,
      sliceBytes: 46_592,
      dataLength: 1456,
    });
    expect(dissectUdpcast(header, 1472).summary).toBe('UDPCAST data slice 1 block 31, 1456 bytes');
  });

  it('reads a request of an old receiver, and a client that is refused', () => {
    expect(decodeUdpcast(annotated('0003 0000'))).toEqual({ op: 'connect-request', capabilities: 0, receiveBuffer: 0 });
    const refused = Uint8Array.from(CONNECT_REPLY).fill(0xff, 4, 8);
    expect(decodeUdpcast(refused)).toMatchObject({ clientNumber: -1 });
  });

  it('does not take what is cut, or of no known opcode', () => {
    expect(decodeUdpcast(HELLO.subarray(0, 20))).toMatchObject({
      kind: 'malformed',
      reason: 'group needs 16 bytes but only 12 remain',
    });
    expect(decodeUdpcast(annotated('0005 0000'))).toMatchObject({ kind: 'malformed', reason: 'opcode 5 is not known' });
    expect(beginsUdpcast(annotated('0005 0000'), true)).toBe(false);
    expect([beginsUdpcast(HELLO, false), beginsUdpcast(HELLO, true)]).toEqual([true, false]);
    expect([beginsUdpcast(RETRANSMIT, false), beginsUdpcast(RETRANSMIT, true)]).toEqual([false, true]);
  });

  it('is what it was encoded from, whatever its fields', () => {
    const u16 = fc.nat(0xffff);
    const u32 = fc.nat(0xffff_ffff);
    const group = fc.option(
      fc.ipV4().filter((ip) => ip !== '0.0.0.0'),
      { nil: undefined },
    );
    const map = fc.uint8Array({ maxLength: 128 });
    const image = { slice: u32, block: u16, sliceBytes: u32, dataLength: fc.nat(1456) };
    const messages = fc.oneof(
      ...[
        { op: 'ok', slice: u32 },
        { op: 'retransmit', slice: u32, round: u32, has: map },
        { op: 'connect-request', capabilities: u32, receiveBuffer: u32 },
        { op: 'request-ack', slice: u32, sliceBytes: u32, round: u32, ready: map },
        {
          op: 'connect-reply',
          clientNumber: fc.integer({ min: -1, max: 1023 }),
          blockSize: u32,
          capabilities: u32,
          group,
        },
        { op: 'hello', streaming: fc.boolean(), capabilities: u32, group, blockSize: u16 },
        { op: 'data', ...image },
        { op: 'fec', stripes: u16, ...image },
        { op: 'go' },
        { op: 'disconnect' },
      ].map(({ op, ...fields }) => fc.record({ op: fc.constant(op), ...fields }) as fc.Arbitrary<unknown>),
    ) as fc.Arbitrary<UdpcastMessage>;
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeUdpcast(message);
        expect(decodeUdpcast(bytes)).toEqual(message);
        expect(dissectUdpcast(bytes, bytes.length).summary).toContain('UDPCAST');
      }),
    );
  });

  it('is total', () => {
    const valid = [HELLO, CONNECT_REPLY, RETRANSMIT];
    expectTotal(decodeUdpcast, valid);
    expectTotal((bytes) => dissectUdpcast(bytes, bytes.length), valid);
  });
});
