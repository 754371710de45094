import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_IMAGE_FILE, SAMPLE_DISKS } from '../bundle-contents.ts';
import { compareDiskWithImage } from '../comparison/disk-compare.ts';
import { IGNORED_PATHS } from '../comparison/ignored-paths.ts';
import { ensureBundles } from '../index.ts';
import { RECIPES } from '../recipes.ts';

let work: string;
let inputs: Awaited<ReturnType<typeof ensureBundles>>;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-disks-'));
  inputs = await ensureBundles(['images/linux-sample']);
}, 600_000);
afterAll(() => rm(work, { recursive: true, force: true }));

/** Builds a disk in a folder of its own. */
async function built(name: string, turn: string): Promise<string> {
  const [folder, scratch] = [path.join(work, turn, 'folder'), path.join(work, turn, 'scratch')];
  for (const place of [folder, scratch]) await mkdir(place, { recursive: true });
  const recipe = RECIPES.find((one) => one.name === name);
  await recipe?.build({ folder, scratch, inputs, versions: {}, cacheFolder: work, progress: () => undefined });
  return path.join(folder, DISK_IMAGE_FILE);
}

describe.each(Object.entries(SAMPLE_DISKS))('%s', (name, { mebibytes, randomMiB }) => {
  it('holds the sample image but for its large file, sound, and is the same each time', {
    timeout: 120_000,
  }, async () => {
    const [one, other] = [await built(name, `${name}-1`), await built(name, `${name}-2`)];
    expect((await readFile(one)).equals(await readFile(other))).toBe(true);
    const raw = path.join(work, 'disk.raw');
    await execa('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', one, raw]);
    expect((await readFile(raw)).length).toBe(mebibytes * 2 ** 20);
    await execa('sfdisk', ['--verify', raw]);
    const wim = path.join(inputs.get('images/linux-sample')?.folder ?? '', 'Images', 'Linux', 'sample.wim');
    const ignore = ['/srv/comparison/pseudo-random-*', ...IGNORED_PATHS.map(({ pattern }) => pattern)];
    const compared = await compareDiskWithImage({ disk: raw, wim, ignore, workFolder: work });
    expect(compared).toMatchObject({ differences: [], notCompared: [] });
    expect(compared.ignored.toSorted()).toEqual([
      '/lost+found',
      ...[`/srv/comparison/pseudo-random-${randomMiB}MiB`, '/srv/comparison/pseudo-random-32MiB'].toSorted(),
    ]);
    expect(compared.filesCompared).toBeGreaterThan(40);
  });
});
