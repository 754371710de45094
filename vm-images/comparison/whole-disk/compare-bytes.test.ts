import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareBytes } from './compare-bytes.ts';

const SIZE = 4096;
let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-bytes-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

it('finds any byte that differs in the ranges, and none outside of them', async () => {
  const range = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: SIZE, maxLength: SIZE }),
      fc.array(range, { maxLength: 4 }),
      fc.nat(SIZE - 1),
      fc.integer({ min: 1, max: 255 }),
      async (content, ranges, at, bits) => {
        const [one, other] = [path.join(work, 'one'), path.join(work, 'other')];
        await writeFile(one, content);
        const changed = content.slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        await writeFile(other, changed);
        const { bytes, differences } = await compareBytes(one, other, ranges, 'here');
        expect(bytes).toBe(ranges.reduce((sum, { from, to }) => sum + to - from, 0));
        expect(differences.length > 0).toBe(ranges.some(({ from, to }) => from <= at && at < to));
        for (const { expected } of differences) expect(expected).toContain(` at byte ${at}`);
      },
    ),
  );
});

it('takes what is behind the end of a file for zeros', async () => {
  const [one, other] = [path.join(work, 'short'), path.join(work, 'long')];
  await writeFile(one, Uint8Array.of(1));
  await writeFile(other, Uint8Array.of(1, 0, 0, 7));
  expect((await compareBytes(one, other, [{ from: 0, to: 3 }], 'here')).differences).toEqual([]);
  expect((await compareBytes(one, other, [{ from: 0, to: 4 }], 'here')).differences).toEqual([
    { path: 'here', expected: '0x00 at byte 3', actual: '0x07' },
  ]);
});
