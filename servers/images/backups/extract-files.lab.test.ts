import { execa } from 'execa';
import { lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { extractTo } from './extract-files.ts';
import { listVolume } from './volume.ts';

/** A small ext4 whose tree `make` makes; `extract` extracts all of it. */
async function ext4(make: (tree: string) => Promise<void>) {
  const folder = await temporaryFolder();
  const at = (...names: string[]): string => path.join(folder.path, ...names);
  await mkdir(at('tree'));
  await make(at('tree'));
  await execa('truncate', ['-s', '16M', at('ext4')]);
  await execa('mkfs.ext4', ['-q', '-d', at('tree'), at('ext4')]);
  const volume = { file: at('ext4'), kind: 'Ext', entries: await listVolume(at('ext4'), 'Ext') } as const;
  const extract = async (choices: { readonly overwrite?: boolean; readonly forEverybody?: boolean } = {}) => {
    const all = new Set(volume.entries.filter((one) => !one.path.startsWith('/lost+found')));
    const outcomes = await extractTo(volume, all, at('out'), folder.path, {
      overwrite: false,
      forEverybody: false,
      ...choices,
    });
    return Object.fromEntries(
      outcomes.map(({ entry, file, leftOut }) => [
        entry.path,
        file === undefined ? `left out: ${leftOut ?? ''}` : 'written',
      ]),
    );
  };
  return { at, extract, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

it('recovers a link to a folder as a link, and names one that leads out', async () => {
  await using volume = await ext4(async (tree) => {
    await mkdir(path.join(tree, 'd', 'sub'), { recursive: true });
    await writeFile(path.join(tree, 'd', 'sub', 'file'), 'content');
    await symlink('sub', path.join(tree, 'd', 'dirlink'));
    await symlink('/d/sub', path.join(tree, 'd', 'absolute'));
    await symlink('../..', path.join(tree, 'd', 'upward'));
  });
  expect(await volume.extract()).toEqual({
    '/d': 'written',
    '/d/absolute': 'left out: it is a link to /d/sub, which is outside',
    '/d/dirlink': 'written',
    '/d/sub': 'written',
    '/d/sub/file': 'written',
    '/d/upward': 'left out: it is a link to ../.., which is outside',
  });
  expect(await readlink(volume.at('out', 'd', 'dirlink'))).toBe('sub');
  expect(await readFile(volume.at('out', 'd', 'dirlink', 'file'), 'utf8')).toBe('content');
  await expect(lstat(volume.at('out', 'd', 'upward'))).rejects.toThrow('ENOENT');
});
