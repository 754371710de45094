import { describe, expect, it } from 'vitest';
import { frame, plain } from '../../testing/frames.ts';
import { createCaptureParser } from './capture-parser.ts';
import { block, encodePcapng, pack } from './encode-pcapng.ts';
import { BLOCK } from './pcapng-format.ts';

const section = (littleEndian = true, major = 1) =>
  block(
    littleEndian,
    BLOCK.section,
    pack(littleEndian, [
      [4, 0x1a2b3c4d],
      [2, major],
      [2, 0],
      [8, -1n & 0xffff_ffff_ffff_ffffn],
    ]),
  );
const ethernet = (options: Uint8Array = new Uint8Array(0), { linkType = 1, snapLength = 0 } = {}) =>
  block(
    true,
    BLOCK.interface,
    pack(true, [
      [2, linkType],
      [2, 0],
      [4, snapLength],
    ]),
    options,
  );
const enhanced = (interfaceId: number, units: bigint, payload = 'abcd') =>
  block(
    true,
    BLOCK.enhancedPacket,
    pack(true, [
      [4, interfaceId],
      [4, units >> 32n],
      [4, units & 0xffff_ffffn],
      [4, payload.length],
      [4, 60],
    ]),
    Buffer.from(payload),
  );

function read(...blocks: Uint8Array[]) {
  const parser = createCaptureParser();
  const frames = parser.push(Buffer.concat(blocks));
  return { frames, parser };
}

describe('pcapng format', () => {
  it('keeps time by the resolution and offset of each interface', () => {
    const nanoseconds = pack(true, [
      [2, 9],
      [2, 1],
      [1, 9],
      [1, 0],
      [2, 0],
    ]);
    const offset = pack(true, [
      [2, 14],
      [2, 8],
      [8, 1_600_000_000n],
    ]);
    const seconds = pack(true, [
      [2, 9],
      [2, 1],
      [1, 0],
      [1, 0],
      [2, 0],
    ]);
    const { frames } = read(
      section(),
      ethernet(),
      ethernet(nanoseconds),
      ethernet(offset),
      ethernet(seconds),
      enhanced(0, 1_700_000_000_000_001n),
      enhanced(1, 1_700_000_000_000_002_999n),
      enhanced(2, 5n),
      enhanced(3, 1_700_000_000n),
    );
    expect(frames.map((one) => one.atUs)).toEqual([
      1_700_000_000_000_001, 1_700_000_000_000_002, 1_600_000_000_000_005, 1_700_000_000_000_000,
    ]);
  });

  it('reads sections of both byte orders in one file and numbers their frames through', () => {
    const { frames } = read(encodePcapng([frame(1)]), encodePcapng([frame(2)], { littleEndian: false }));
    expect(plain(frames)).toEqual(plain([frame(1), frame(2)]));
  });

  it('reads simple packets: length from the snap length, time from the frame before', () => {
    const simple = block(true, BLOCK.simplePacket, pack(true, [[4, 60]]), Buffer.from('abcd'));
    const { frames } = read(section(), ethernet(undefined, { snapLength: 4 }), enhanced(0, 7n), simple);
    expect(plain(frames).at(-1)).toEqual({
      number: 2,
      atUs: 7,
      bytes: Array.from(Buffer.from('abcd')),
      originalLength: 60,
    });
  });

  it('reads obsolete packets', () => {
    const obsolete = block(
      true,
      BLOCK.obsoletePacket,
      pack(true, [
        [2, 0],
        [2, 0],
        [4, 0],
        [4, 9],
        [4, 4],
        [4, 60],
      ]),
      Buffer.from('abcd'),
    );
    expect(plain(read(section(), ethernet(), obsolete).frames)).toEqual([
      { number: 1, atUs: 9, bytes: Array.from(Buffer.from('abcd')), originalLength: 60 },
    ]);
  });

  it('skips blocks it does not know without holding them, however long', () => {
    const unknown = block(true, 0x0bad, new Uint8Array(20 * 1024 * 1024));
    const { frames } = read(section(), ethernet(), unknown, enhanced(0, 1n));
    expect(frames.length).toBe(1);
  });

  it('adds up the lost frames of all interfaces from their last statistics', () => {
    const statistics = (id: number, dropped: bigint) =>
      block(
        true,
        BLOCK.statistics,
        pack(true, [
          [4, id],
          [4, 0],
          [4, 0],
          [2, 5],
          [2, 8],
          [8, dropped],
        ]),
      );
    const { parser } = read(section(), ethernet(), ethernet(), statistics(0, 3n), statistics(0, 5n), statistics(1, 2n));
    expect(parser.dropped).toBe(7);
  });

  it('takes the link type of its first interface', () => {
    const { parser } = read(section(), ethernet(undefined, { linkType: 113 }), ethernet(), enhanced(1, 1n));
    expect(parser.linkType).toBe(113);
  });

  it('gives each frame the link type of its interface, in each section anew', () => {
    const { frames } = read(
      section(),
      ethernet(),
      ethernet(undefined, { linkType: 113 }),
      enhanced(0, 1n),
      enhanced(1, 2n),
      enhanced(0, 3n),
      section(),
      ethernet(undefined, { linkType: 101 }),
      enhanced(0, 4n),
    );
    expect(frames.map(({ number, linkType }) => [number, linkType])).toEqual([
      [1, 1],
      [2, 113],
      [3, 1],
      [4, 101],
    ]);
  });

  it.each([
    [
      'a frame of an interface nobody described',
      [section(), ethernet(), enhanced(4, 1n)],
      /expected an interface below 1, as many as the section has described, got interface 4/,
    ],
    ['a later major version', [section(true, 2)], /at byte 12: expected pcapng version 1, got version 2\.0/],
    [
      'a block that ends with another length',
      [section(), ethernet(), enhanced(0, 1n).fill(0xff, -4)],
      /expected the block length 36 again, got 4294967295/,
    ],
    [
      'a block length that is no multiple of 4',
      [
        section(),
        pack(true, [
          [4, 6],
          [4, 33],
          [4, 0],
          [4, 0],
        ]),
      ],
      /at byte 32: expected a block length of at least 12 that is a multiple of 4, got 33/,
    ],
    [
      'a packet that claims more than its block holds',
      [
        section(),
        ethernet(),
        block(
          true,
          BLOCK.enhancedPacket,
          pack(true, [
            [4, 0],
            [4, 0],
            [4, 1],
            [4, 5000],
            [4, 60],
          ]),
        ),
      ],
      /expected a block that holds the 5000 captured bytes it claims/,
    ],
    [
      'a packet block of absurd length',
      [
        section(),
        ethernet(),
        pack(true, [
          [4, 6],
          [4, 0x7fff_fffc],
          [4, 0],
        ]),
      ],
      /expected a block of type 6 of at most 16777216 bytes, got a claim of 2147483644 bytes/,
    ],
  ])('refuses %s', (_, blocks, message) => {
    // Frames before the damage come first, the error with the call after.
    expect(() => read(...blocks).parser.push(new Uint8Array(0))).toThrow(message);
  });
});
