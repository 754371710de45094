import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFrames, readFrames } from './evidence.ts';
import { sampleFrame } from './testing/sample-run.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test('frames come back as they were written', () => {
  const frames = [sampleFrame(7, 6050, 'dhcp.ack', { ip: '172.22.52.222' })];
  expect(parseFrames(encode({ frames }))).toEqual({ frames });
});

test('unknown keys are dropped, damaged entries are left out and counted', () => {
  const good = sampleFrame(7, 6050, 'dhcp.ack', {});
  const read = parseFrames(
    encode({ later: 1, frames: [{ ...good, colour: 'red' }, { ...good, hex: 'zz' }, null, { ...good, number: 0 }] }),
  );
  expect(read.frames).toEqual([good]);
  expect(read.note).toBe('frames.json: 3 of 4 entries are damaged and left out');
});

test('a missing file is a note', async () => {
  expect(await readFrames('/nowhere/frames.json')).toEqual({
    frames: [],
    note: 'frames.json is missing: steps are shown without their decoded frames',
  });
});

test('no bytes make the reader fail', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => new TextEncoder().encode(text)),
        fc.anything().map((value) => encode({ frames: [value] })),
      ),
      (bytes) => {
        const { frames, note } = parseFrames(bytes);
        expect(frames.length === 0 || note === undefined || note.length > 0).toBe(true);
      },
    ),
  );
});
