import fc from 'fast-check';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addToGroup } from './image-group.ts';
import { smallWim } from './testing/small-wim.ts';
import { verifyWim } from './verify-wim.ts';

// The files are no real images: what wimlib makes of real ones is tested in image-files.lab.test.ts.

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-group-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const at = (...parts: string[]) => path.join(work, ...parts);

it('adds several images at once and one by one, with the same outcome', async () => {
  await writeFile(at('source.wim'), smallWim());
  const image = (name: string) => ({ file: at('source.wim'), name });
  expect(await addToGroup(at('once'), [image('a.wim'), image('b.wim')])).toEqual({
    addedBytes: 4000,
    sharedBytes: 4000,
  });
  expect(await addToGroup(at('twice'), [image('a.wim')])).toEqual({ addedBytes: 4000, sharedBytes: 0 });
  expect(await addToGroup(at('twice'), [image('b.wim')])).toEqual({ addedBytes: 0, sharedBytes: 4000 });
  for (const name of ['a.wim', 'b.wim', 'Res.rwm']) {
    expect((await readFile(at('once', name))).equals(await readFile(at('twice', name)))).toBe(true);
    expect((await verifyWim(at('once', name))).problems).toEqual([]);
  }
});

it('keeps which image boots', async () => {
  await writeFile(
    at('boots.wim'),
    smallWim({ header: () => ({ bootIndex: 1, bootMetadata: { size: 64, flags: 2, offset: 208, originalSize: 64 } }) }),
  );
  await addToGroup(at('booting'), [{ file: at('boots.wim'), name: 'boots.wim' }]);
  const bytes = await readFile(at('booting', 'boots.wim'));
  expect([bytes.readUInt32LE(0x78), bytes.readUIntLE(0x60, 6), Number(bytes.readBigUInt64LE(0x68))]).toEqual([
    1, 64, 208,
  ]);
});

it('takes nothing of a hostile file and leaves the group as it was', { timeout: 60_000 }, async () => {
  const whole = smallWim();
  await writeFile(at('good.wim'), whole);
  await addToGroup(at('group'), [{ file: at('good.wim'), name: 'good.wim' }]);
  const before = await Promise.all(['good.wim', 'Res.rwm'].map((name) => readFile(at('group', name))));
  // Header and blob table: 50 bytes for the folder tree and each of two files.
  const place = fc.oneof(fc.nat(207), fc.integer({ min: 4272, max: 4272 + 149 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 8 }), async (changes) => {
      const changed = Buffer.from(whole);
      for (const [offset, value] of changes) changed[offset] = value;
      await writeFile(at('hostile.wim'), changed);
      const outcome = await addToGroup(at('group'), [{ file: at('hostile.wim'), name: 'hostile.wim' }]).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ name: 'WimProblemError' });
        expect((await readdir(at('group'))).sort()).toEqual(['Res.rwm', 'good.wim']);
        const after = await Promise.all(['good.wim', 'Res.rwm'].map((name) => readFile(at('group', name))));
        expect(after.every((bytes, index) => bytes.equals(before[index] ?? Buffer.alloc(0)))).toBe(true);
        return;
      }
      expect((await verifyWim(at('group', 'Res.rwm'))).problems).toEqual([]);
      await rm(at('group', 'hostile.wim'));
      await writeFile(at('group', 'Res.rwm'), before[1] ?? '');
    }),
    { numRuns: 150 },
  );
});
