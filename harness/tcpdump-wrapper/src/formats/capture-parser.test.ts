import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunked, frame, plain, someFrames } from '../../testing/frames.ts';
import type { CapturedFrame, Truncation } from '../captured-frame.ts';
import { CaptureFormatError } from '../capture-format-error.ts';
import { createCaptureParser } from './capture-parser.ts';
import { encodePcap } from './encode-pcap.ts';
import { encodePcapng } from './encode-pcapng.ts';

interface Outcome {
  frames: unknown[];
  error?: { byteOffset: number; message: string };
  truncated?: Truncation | undefined;
  linkType?: number | undefined;
}

function parse(chunks: readonly Uint8Array[]): Outcome {
  const parser = createCaptureParser();
  const frames: CapturedFrame[] = [];
  try {
    for (const chunk of chunks) frames.push(...parser.push(chunk));
    const truncated = parser.end();
    return { frames: plain(frames), truncated, linkType: parser.linkType };
  } catch (error) {
    if (!(error instanceof CaptureFormatError)) throw error;
    return { frames: plain(frames), error: { byteOffset: error.byteOffset, message: error.message } };
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('capture parser', () => {
  it('gives back what the encoders were given, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        someFrames,
        cuts,
        fc.boolean(),
        fc.constantFrom(6, 9, 0x80 | 30),
        fc.boolean(),
        (frames, at, isNg, resolution, littleEndian) => {
          const capture = isNg ? encodePcapng(frames, { resolution, littleEndian }) : encodePcap(frames);
          expect(parse(chunked(capture, at))).toEqual({ frames: plain(frames), truncated: undefined, linkType: 1 });
        },
      ),
    );
  });

  it('has the same outcome for a damaged capture, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        someFrames,
        fc.boolean(),
        cuts,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (frames, isNg, at, edits, keep) => {
          const capture = isNg ? encodePcapng(frames) : encodePcap(frames);
          for (const [place, value] of edits) capture[place % capture.length] = value;
          const damaged = capture.subarray(0, keep % (capture.length + 1));
          const whole = parse([damaged]);
          expect(parse(chunked(damaged, at))).toEqual(whole);
          expect(parse(chunked(damaged, Array.from(damaged.keys())))).toEqual(whole);
        },
      ),
    );
  });

  it('throws nothing but CaptureFormatError for arbitrary bytes behind any magic number', () => {
    const magic = fc
      .constantFrom(
        '',
        'd4c3b2a1020004000000000000000000',
        'a1b23c4d00020004',
        'a1b2cd3400020004',
        '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
        '0a0d0d0a',
      )
      .map((hex) => Buffer.from(hex, 'hex'));
    fc.assert(
      fc.property(
        magic,
        fc.uint8Array({ maxLength: 300 }),
        cuts,
        (head, tail, at) => void parse(chunked(Buffer.concat([head, tail]), at)),
      ),
      { numRuns: 500 },
    );
  });

  it('says that a frame cut off at the end is missing, and delivers those before', () => {
    const capture = encodePcap([frame(1), frame(2)]);
    const outcome = parse([capture.subarray(0, capture.length - 7)]);
    expect(outcome.frames).toEqual(plain([frame(1)]));
    expect(outcome.truncated).toEqual({ reason: 'a record needs 76 bytes but only 69 remain', atByte: 24 + 76 });
  });

  it.each([
    ['an empty file', '', 'at byte 0: expected a pcap or pcapng capture, got an empty file'],
    [
      'a text',
      Buffer.from('hello world').toString('hex'),
      'at byte 0: expected the magic number of a pcap or pcapng capture, got 0x68656c6c',
    ],
    ['gzip', '1f8b080000000000', 'got data that is compressed by gzip; run `gunzip` on it first'],
    [
      'NetMon',
      '474d425500020000',
      'got a capture of Microsoft Network Monitor; convert it with `editcap -F pcapng IN OUT`',
    ],
    ['snoop', '736e6f6f70000000', 'got a capture of snoop (Solaris); convert it with `editcap -F pcapng IN OUT`'],
    ['an archive', '504b030414000000', 'got a ZIP archive; name a capture file in it'],
    ['anything else', '0102030405060708', 'got 0x01020304; if it is a capture, convert it'],
    [
      'half a header',
      'd4c3b2a102000400',
      'expected a file header or an interface description, got the end of the file: the file header needs 24 bytes but only 8 remain',
    ],
    [
      'pcapng without an interface',
      Buffer.from(encodePcapng([]).subarray(0, 28)).toString('hex'),
      'at byte 28: expected a file header or an interface description, got the end of the file',
    ],
  ])('refuses %s in words', (_, hex, message) => {
    expect(parse([Buffer.from(hex, 'hex')]).error?.message).toContain(message);
  });

  it('hands out views into the chunk and copies only what straddles a border', () => {
    const capture = encodePcap([frame(1), frame(2), frame(3)]);
    const parser = createCaptureParser();
    const chunk = capture.slice(0, 24 + 76 + 20);
    const [first] = parser.push(chunk);
    const rest = capture.slice(chunk.length);
    const [second, third] = parser.push(rest);
    expect(first?.bytes.buffer).toBe(chunk.buffer);
    expect(third?.bytes.buffer).toBe(rest.buffer);
    expect(second?.bytes.buffer).not.toBe(rest.buffer);
    // A Buffer is a Uint8Array whose slice() is no copy.
    expect([first, second, third].map((one) => one?.bytes.constructor)).toEqual([Uint8Array, Uint8Array, Uint8Array]);
  });
});
