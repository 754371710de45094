import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frame, plain } from '../testing/frames.ts';
import { openCaptureFile, openCaptureStream } from './capture-file.ts';
import type { CapturedFrame, CaptureSource } from './captured-frame.ts';
import { encodePcap } from './formats/encode-pcap.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'compression-'));
});
afterEach(() => rm(folder, { recursive: true }));

// More than an unpacker gives out at a time, and than a pipe holds.
const FRAMES = Array.from({ length: 400 }, (_, index) => frame(index + 1, { length: 1400 }));
const packedBy = (program: string): Uint8Array =>
  execaSync(program, ['--stdout'], { input: encodePcap(FRAMES), encoding: 'buffer' }).stdout;

async function stored(bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, 'a');
  await writeFile(file, bytes);
  return file;
}

async function read(source: CaptureSource): Promise<{ frames: CapturedFrame[]; error: unknown }> {
  const frames: CapturedFrame[] = [];
  try {
    for await (const batch of source.batches()) frames.push(...batch);
  } catch (error) {
    return { frames, error };
  }
  return { frames, error: undefined };
}

describe.each(['gzip', 'xz', 'zstd'])('a capture packed by %s', (program) => {
  const packed = packedBy(program);

  it('is read, from a file and from a stream in small pieces', async () => {
    const fromFile = await openCaptureFile(await stored(packed));
    expect(fromFile.linkType).toBe(1);
    expect(plain((await read(fromFile)).frames)).toEqual(plain(FRAMES));
    const pieces = Array.from({ length: Math.ceil(packed.length / 5) }, (_, i) => packed.subarray(i * 5, i * 5 + 5));
    const fromStream = await openCaptureStream('standard input', Readable.from(pieces));
    expect(plain((await read(fromStream)).frames)).toEqual(plain(FRAMES));
  });

  it('in two parts, one after the other, is one', async () => {
    const [first, second] = [encodePcap(FRAMES).subarray(0, 30_000), encodePcap(FRAMES).subarray(30_000)].map(
      (input) => execaSync(program, ['--stdout'], { input, encoding: 'buffer' }).stdout,
    );
    const file = await stored(Buffer.concat([first ?? packed, second ?? packed]));
    expect((await read(await openCaptureFile(file))).frames.length).toBe(FRAMES.length);
  });

  it('gives the frames before a cut, and says where it is', async () => {
    const file = await stored(packed.subarray(0, packed.length - 40));
    const { frames, error } = await read(await openCaptureFile(file));
    expect(frames.length).toBeGreaterThan(FRAMES.length / 2);
    expect(plain(frames)).toEqual(plain(FRAMES.slice(0, frames.length)));
    expect(error).toMatchObject({ name: 'CaptureFormatError', expected: expect.stringContaining(program) as string });
    expect((error as Error).message).toContain(`${file}: `);
    expect((error as { byteOffset: number }).byteOffset).toBeGreaterThan(frames.length * 1416);
  });

  it('that is damaged is damage, not the end of the capture', async () => {
    const damaged = Uint8Array.from(packed);
    damaged.fill(0x55, damaged.length / 2, damaged.length / 2 + 64);
    const opened = openCaptureFile(await stored(damaged)).then(read, (error: unknown) => ({ frames: [], error }));
    const { error } = await opened;
    expect(error).toMatchObject({ name: 'CaptureFormatError' });
  });

  it('is closed while it is read, and nothing is left behind', async () => {
    const source = await openCaptureFile(await stored(packed));
    for await (const batch of source.batches()) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    await source.close();
  });
});

it.each([
  ['xz', 'xz-utils'],
  ['zstd', 'zstd'],
])('a host without %s says what is missing', async (program, debianPackage) => {
  const file = await stored(packedBy(program));
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    await expect(openCaptureFile(file)).rejects.toThrow(
      `${file}: it is compressed by ${program}, and there is no program \`${program}\` to unpack it: install it (Debian package ${debianPackage})`,
    );
  } finally {
    process.env['PATH'] = path;
  }
});

it('a stream that stays open does not keep a reader that has seen enough', async () => {
  const stream = new Readable({ read: () => undefined });
  stream.push(encodePcap(FRAMES.slice(0, 3)));
  const source = await openCaptureStream('standard input', stream);
  for await (const batch of source.batches()) {
    expect(batch.length).toBe(3);
    break;
  }
  expect(stream.destroyed).toBe(true);
});
