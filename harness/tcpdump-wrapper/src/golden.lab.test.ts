import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frame } from '../testing/frames.ts';
import { openCaptureFile } from './capture-file.ts';
import { createCaptureWriter } from './capture-writer.ts';
import type { CapturedFrame } from './captured-frame.ts';
import { encodePcapng } from './formats/encode-pcapng.ts';

// Wireshark's reader and writer against ours: neither side shares a line of code with the other.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'capture-golden-'));
});
afterEach(() => rm(folder, { recursive: true }));

const FRAMES = Array.from({ length: 500 }, (_, index) =>
  frame(index + 1, { length: 60 + index * 3, kept: Math.min(60 + index * 3, 96) }),
);

async function written(): Promise<string> {
  const file = path.join(folder, 'ours.pcap');
  const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
  for (const one of FRAMES) writer.write(one);
  await writer.close();
  return file;
}

/** Number, time in microseconds, stored and original length of every frame, by tshark. */
async function byTshark(file: string): Promise<number[][]> {
  const { stdout } = await execa('tshark', [
    '-n',
    '-r',
    file,
    '-T',
    'fields',
    '-e',
    'frame.number',
    '-e',
    'frame.time_epoch',
    '-e',
    'frame.cap_len',
    '-e',
    'frame.len',
  ]);
  return stdout
    .split('\n')
    .map((line) => line.split('\t').map((value, column) => (column === 1 ? microseconds(value) : Number(value))));
}

/** tshark prints `1700000000.000250000`, or an ISO time in some configurations; both keep nanoseconds. */
function microseconds(text: string): number {
  const [seconds = '', fraction = ''] = text.split('.');
  return Number(seconds) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

async function byUs(file: string): Promise<number[][]> {
  const frames: CapturedFrame[] = [];
  for await (const batch of (await openCaptureFile(file)).batches()) frames.push(...batch);
  return frames.map((one) => [one.number, one.atUs, one.bytes.length, one.originalLength]);
}

const expected = FRAMES.map((one) => [one.number, one.atUs, one.bytes.length, one.originalLength]);

describe('Wireshark and this reader agree', () => {
  it('on a file that we wrote', async () => {
    const file = await written();
    expect(await byTshark(file)).toEqual(expected);
    const { stdout } = await execa('capinfos', ['-T', '-M', '-c', '-s', '-d', file]);
    // 96 bytes are kept of all but the first frames, and the data size counts what was on the wire.
    expect(stdout.split('\n')[1]?.split('\t').slice(1)).toEqual([
      '500',
      String(24 + FRAMES.reduce((sum, one) => sum + 16 + one.bytes.length, 0)),
      String(FRAMES.reduce((sum, one) => sum + one.originalLength, 0)),
    ]);
  });

  it('on a pcapng capture that we wrote', async () => {
    const file = path.join(folder, 'ours.pcapng');
    await writeFile(file, encodePcapng(FRAMES, { littleEndian: false, resolution: 9 }));
    expect(await byTshark(file)).toEqual(expected);
  });

  it.each(['pcapng', 'nsecpcap', 'pcap', 'modpcap'])('on a %s capture that editcap wrote', async (format) => {
    const file = path.join(folder, `theirs.${format}`);
    await execa('editcap', ['-F', format, await written(), file]);
    expect(await byUs(file)).toEqual(await byTshark(file));
    expect(await byUs(file)).toEqual(expected);
  });

  it('on a pcapng capture with two interfaces that mergecap wrote', async () => {
    const [ours, merged] = [await written(), path.join(folder, 'merged.pcapng')];
    await execa('mergecap', ['-I', 'none', '-w', merged, ours, ours]);
    const frames = await byUs(merged);
    expect(frames.length).toBe(1000);
    expect(frames).toEqual(await byTshark(merged));
  });
});
