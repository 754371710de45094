import fc from 'fast-check';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { filledParts, SparseFile } from './sparse-file.ts';

const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const filled = (bytes: number): Buffer => Buffer.alloc(bytes, 1);

it.each([
  ['nothing of zeros', zeros(10_000), 0, []],
  ['all of what holds something', filled(10_000), 0, [{ from: 0, to: 10_000 }]],
  [
    'blocks one after the other as one part',
    Buffer.concat([zeros(4096), filled(1), zeros(4095), filled(9)]),
    0,
    [{ from: 4096, to: 8201 }],
  ],
  ['blocks as the file has them', Buffer.concat([zeros(96), filled(1), zeros(4096)]), 4000, [{ from: 96, to: 4192 }]],
])('writes %s', (_, chunk, offset, parts) => expect(filledParts(chunk, offset)).toEqual(parts));

it('writes what comes, in whatever chunks', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'file');
  const chunk = fc.oneof(
    fc.nat(9000).map(zeros),
    fc.nat(9000).map(filled),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 8 }), async (chunks) => {
      const sparse = new SparseFile(await open(file, 'w'));
      for (const one of chunks) await sparse.write(one);
      await sparse.close();
      expect((await readFile(file)).equals(Buffer.concat(chunks))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('needs room for what is in it', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'file');
  const sparse = new SparseFile(await open(file, 'w'));
  for (const one of [filled(10), zeros(3 * 2 ** 20)]) await sparse.write(one);
  await sparse.close();
  const { size, blocks } = await stat(file);
  expect(size).toBe(3 * 2 ** 20 + 10);
  expect(blocks).toBeLessThanOrEqual(64);
});
