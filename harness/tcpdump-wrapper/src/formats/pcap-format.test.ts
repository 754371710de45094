import { describe, expect, it } from 'vitest';
import { frame, plain } from '../../testing/frames.ts';
import type { CapturedFrame } from '../captured-frame.ts';
import { createCaptureParser } from './capture-parser.ts';
import { encodePcap } from './encode-pcap.ts';
import { pack } from './encode-pcapng.ts';

interface Variant {
  littleEndian?: boolean;
  magic?: number;
  version?: readonly [number, number];
  snapLength?: number;
  linkType?: number;
  fraction?: number;
  captured?: number;
  extra?: number;
}

/** One record of four bytes in any variant of the format. */
function capture({
  littleEndian = true,
  magic = 0xa1b2c3d4,
  version = [2, 4],
  snapLength = 65535,
  linkType = 1,
  fraction = 5,
  captured = 4,
  extra = 0,
}: Variant): Uint8Array {
  const header = pack(littleEndian, [
    [4, magic],
    [2, version[0]],
    [2, version[1]],
    [8, 0],
    [4, snapLength],
    [4, linkType],
  ]);
  const record = pack(littleEndian, [
    [4, 1_700_000_000],
    [4, fraction],
    [4, captured],
    [4, 60],
  ]);
  return Buffer.concat([header, record, new Uint8Array(extra), Buffer.from('abcd')]);
}

function only(bytes: Uint8Array): { frame: CapturedFrame | undefined; linkType: number | undefined } {
  const parser = createCaptureParser();
  const [first] = parser.push(bytes);
  return { frame: first, linkType: parser.linkType };
}

describe('pcap format', () => {
  it.each([
    ['little-endian microseconds', {}, 5],
    ['big-endian microseconds', { littleEndian: false }, 5],
    ['little-endian nanoseconds', { magic: 0xa1b23c4d, fraction: 5999 }, 5],
    ['big-endian nanoseconds', { magic: 0xa1b23c4d, fraction: 5999, littleEndian: false }, 5],
    ['record headers of the modified kind', { magic: 0xa1b2cd34, extra: 8 }, 5],
  ])('reads %s', (_, variant: Variant, us) => {
    expect(plain([only(capture(variant)).frame as CapturedFrame])).toEqual([
      { number: 1, atUs: 1_700_000_000_000_000 + us, bytes: Array.from(Buffer.from('abcd')), originalLength: 60 },
    ]);
  });

  it('leaves the frame check sequence bits out of the link type', () => {
    expect(only(capture({ linkType: 0x5400_0071 })).linkType).toBe(0x71);
  });

  it('reads a frame longer than the snap length that the header claims', () => {
    expect(only(capture({ snapLength: 2 })).frame?.bytes.length).toBe(4);
  });

  it.each<[string, Variant, string]>([
    [
      'an absurd record length',
      { captured: 0xffff_fff0 },
      'at byte 32: expected a frame of at most 262144 bytes, got a claim of 4294967280 bytes',
    ],
    [
      'an absurd length under an absurd snap length',
      { captured: 0xffff_fff0, snapLength: 0xffff_ffff },
      'got a claim of 4294967280 bytes',
    ],
    ['an old version', { version: [2, 2] }, 'at byte 4: expected pcap version 2.4, got version 2.2'],
  ])('refuses %s', (_, variant, message) => {
    expect(() => only(capture(variant))).toThrow(message);
  });

  it('does not grow its memory by what a length claims', () => {
    const parser = createCaptureParser();
    const before = process.memoryUsage().arrayBuffers;
    parser.push(capture({ captured: 15 * 1024 * 1024, snapLength: 0xffff_ffff }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('keeps the original length of a trimmed frame', () => {
    const parser = createCaptureParser();
    const trimmed = frame(1, { length: 1514, kept: 54 });
    expect(plain(parser.push(encodePcap([trimmed])))).toEqual(plain([trimmed]));
  });
});
