import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frame, plain } from '../testing/frames.ts';
import { openCaptureFile } from './capture-file.ts';
import { createCaptureWriter } from './capture-writer.ts';
import type { CapturedFrame, CaptureSource } from './captured-frame.ts';
import { encodePcap } from './formats/encode-pcap.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'capture-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function stored(bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, 'a.pcap');
  await writeFile(file, bytes);
  return file;
}

async function all(source: CaptureSource): Promise<CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  for await (const batch of source.batches()) frames.push(...batch);
  return frames;
}

describe('openCaptureFile', () => {
  it('knows the link type before the first batch and counts no drops that nobody counted', async () => {
    const source = await openCaptureFile(await stored(encodePcap([frame(1)], { linkType: 113 })));
    expect(source.linkType).toBe(113);
    expect(plain(await all(source))).toEqual(plain([frame(1)]));
    expect(source.dropped).toBeUndefined();
    expect(source.truncated).toBeUndefined();
  });

  it('delivers the frames before a cut and says where it is', async () => {
    const capture = encodePcap([frame(1), frame(2)]);
    const source = await openCaptureFile(await stored(capture.subarray(0, capture.length - 1)));
    expect((await all(source)).length).toBe(1);
    expect(source.truncated).toEqual({ reason: 'a record needs 76 bytes but only 75 remain', atByte: 100 });
  });

  it('delivers the frames before damage, then throws', async () => {
    const capture = encodePcap([frame(1), frame(2)]);
    capture.fill(0xff, 100 + 8, 100 + 12);
    const source = await openCaptureFile(await stored(capture));
    const seen: CapturedFrame[] = [];
    await expect(
      (async () => {
        for await (const batch of source.batches()) seen.push(...batch);
      })(),
    ).rejects.toMatchObject({ name: 'CaptureFormatError', byteOffset: 108, got: 'a claim of 4294967295 bytes' });
    expect(seen.length).toBe(1);
  });

  it('delivers every batch whole while its memory is reused', async () => {
    // More than two reads, so that memory has to be used again.
    const frames = Array.from({ length: 10_000 }, (_, index) => frame(index + 1, { length: 1400 }));
    const source = await openCaptureFile(await stored(encodePcap(frames)), { keepFrames: false });
    let number = 0;
    for await (const batch of source.batches()) {
      // The next read is under way by now; it must not be into this batch's memory.
      await new Promise((resolve) => setImmediate(resolve));
      for (const one of batch)
        expect([one.number, one.bytes[0], one.bytes.at(-1)]).toEqual([++number, number & 0xff, (number + 1399) & 0xff]);
    }
    expect(number).toBe(10_000);
  });

  it('takes a capture without frames', async () => {
    const source = await openCaptureFile(await stored(encodePcap([])));
    expect(await all(source)).toEqual([]);
  });

  it('names the file that is no capture, and the one that is not there', async () => {
    const file = await stored(Buffer.from('#!/bin/sh\n'));
    await expect(openCaptureFile(file)).rejects.toThrow(
      `${file}: capture is not readable at byte 0: expected the magic number of a pcap or pcapng capture, got 0x23212f62`,
    );
    await expect(openCaptureFile(path.join(folder, 'none.pcap'))).rejects.toThrow('ENOENT');
  });
});

describe('createCaptureWriter', () => {
  it('writes what the reader reads, over many buffers', async () => {
    const file = path.join(folder, 'w.pcap');
    const frames = Array.from({ length: 3000 }, (_, index) => frame(index + 1, { length: 1514 }));
    const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
    for (const one of frames) if (!writer.write(one)) await writer.drained();
    expect(writer.frames).toBe(3000);
    await writer.close();
    expect(Buffer.compare(await readFile(file), encodePcap(frames))).toBe(0);
    expect((await all(await openCaptureFile(file))).length).toBe(3000);
  });

  it('trims by keepBytes and by the snap length, and keeps the original length', async () => {
    const file = path.join(folder, 'w.pcap');
    const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap', snapLength: 80 });
    writer.write(frame(1, { length: 1514 }), 54);
    writer.write(frame(2, { length: 1514 }));
    writer.write(frame(3), 1000);
    await writer.close();
    expect(plain(await all(await openCaptureFile(file)))).toEqual(
      plain([frame(1, { length: 1514, kept: 54 }), frame(2, { length: 1514, kept: 80 }), frame(3)]),
    );
  });

  it('has everything in the file after drained()', async () => {
    const file = path.join(folder, 'w.pcap');
    const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
    writer.write(frame(1));
    await writer.drained();
    expect((await readFile(file)).length).toBe(24 + 16 + 60);
    await writer.close();
  });

  it('asks for a pause while the disk is slower than the frames', async () => {
    const writer = await createCaptureWriter(path.join(folder, 'w.pcap'), { linkType: 1, format: 'pcap' });
    const large = frame(1, { length: 65_000 });
    const answers = Array.from({ length: 64 }, () => writer.write(large));
    expect(answers[0]).toBe(true);
    expect(answers.at(-1)).toBe(false);
    await writer.drained();
    expect(writer.write(large)).toBe(true);
    await writer.close();
  });

  it('tells a write error when it is closed', async () => {
    const writer = await createCaptureWriter('/dev/full', { linkType: 1, format: 'pcap' });
    writer.write(frame(1));
    await expect(writer.close()).rejects.toThrow('ENOSPC');
  });

  it('refuses a frame after the end', async () => {
    const writer = await createCaptureWriter(path.join(folder, 'w.pcap'), { linkType: 1, format: 'pcap' });
    await writer.close();
    expect(() => writer.write(frame(9))).toThrow('frame 9 came after the capture file was closed');
  });
});
