import { execa } from 'execa';
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
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
  // rm(1) removes what is too deep for a path, too.
  await execa('rm', ['-rf', at('tree')]);
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

it('leaves out what is too deep for a path, and recovers the rest', async () => {
  const names = Array.from({ length: 18 }, () => 'n'.repeat(250));
  await using volume = await ext4(async (tree) => {
    await writeFile(path.join(tree, 'other'), 'content');
    // No path reaches as deep: each folder is made in the one before.
    const make = `cd "$0"; for name; do mkdir "$name"; cd -P "$name"; done; echo deep >file`;
    await execa('sh', ['-ec', make, tree, ...names]);
  });
  const outcomes = await volume.extract();
  const leftOut = Object.entries(outcomes).filter(([, outcome]) => outcome !== 'written');
  expect(outcomes).toMatchObject({ '/other': 'written', [`/${names.slice(0, 15).join('/')}`]: 'written' });
  expect(leftOut.map(([name]) => name)).toContain(`/${names.join('/')}/file`);
  for (const [, outcome] of leftOut)
    expect(outcome).toBe('left out: its path is too long for the target (ENAMETOOLONG)');
});

it('leaves out names that 7-Zip makes the same, and links whose names it cannot tell', async () => {
  const long = `${'l'.repeat(200)}_`;
  await using volume = await ext4(async (tree) => {
    for (const name of ['a\nb', 'a_b', 'other']) await writeFile(path.join(tree, name), name);
    await symlink('tar\nget', path.join(tree, 'link'));
    await symlink(long, path.join(tree, 'long'));
    await symlink('other', path.join(tree, 'li\nk'));
  });
  const outcomes = await volume.extract();
  expect(outcomes).toEqual({
    '/a_b':
      'left out: another entry has its name, as 7-Zip shows them (a line break as _), and nobody can tell them apart',
    '/other': 'written',
    '/link': 'written',
    '/long': 'written',
    '/li_k': expect.stringMatching(/^left out: .* its name cannot be told to 7-Zip \(a line break\)$/) as string,
  });
  expect(await readlink(volume.at('out', 'link'))).toBe('tar\nget');
  expect(await readlink(volume.at('out', 'long'))).toBe(long);
});

it('replaces no folder by a file or a link', async () => {
  await using volume = await ext4(async (tree) => {
    await writeFile(path.join(tree, 'file'), 'content');
    await writeFile(path.join(tree, 'other'), 'content');
    await symlink('other', path.join(tree, 'link'));
  });
  for (const name of ['file', 'link']) await mkdir(volume.at('out', name, 'kept'), { recursive: true });
  for (const forEverybody of [false, true])
    expect(await volume.extract({ overwrite: true, forEverybody })).toEqual({
      '/file': 'left out: a folder is in its place',
      '/link': 'left out: a folder is in its place',
      '/other': 'written',
    });
  for (const name of ['file', 'link']) expect(await readdir(volume.at('out', name))).toEqual(['kept']);
});
