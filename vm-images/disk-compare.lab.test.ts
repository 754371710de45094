import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareDiskWithImage, fileHashesOnDisk } from './disk-compare.ts';

let work: string;
let wim: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-disk-'));
  const tree = path.join(work, 'tree');
  await mkdir(path.join(tree, 'boot', 'deep'), { recursive: true });
  await writeFile(path.join(tree, 'boot', 'kernel'), 'k'.repeat(5000));
  await writeFile(path.join(tree, 'boot', 'deep', 'naïve 日本.txt'), 'x', { mode: 0o755 });
  await writeFile(path.join(tree, 'empty'), '', { mode: 0o600 });
  await symlink('boot/kernel', path.join(tree, 'link'));
  wim = path.join(work, 'image.wim');
  await execa('wimlib-imagex', ['capture', tree, wim, 'test', '--compress=none', '--unix-data']);
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** What the agent makes on a BIOS, and on UEFI. */
const TABLES = {
  mbr: { script: 'label: dos\n2048,,L,*\n', firstMiB: 1 },
  gpt: { script: 'label: gpt\nsize=1MiB, type=U\ntype=L\n', firstMiB: 2 },
} as const;

/** A raw disk with one system partition that holds the tree, changed by `change` first; no VM and no mount. */
async function diskOf(
  name: string,
  change: (tree: string) => Promise<void>,
  table: keyof typeof TABLES = 'mbr',
): Promise<string> {
  const { script, firstMiB } = TABLES[table];
  const [tree, disk, fileSystem] = [
    path.join(work, `tree-${name}`),
    path.join(work, `${name}.raw`),
    path.join(work, `${name}.ext4`),
  ];
  await cp(path.join(work, 'tree'), tree, { recursive: true, verbatimSymlinks: true });
  await change(tree);
  await writeFile(disk, '');
  await truncate(disk, 19 * 1024 * 1024);
  await execa('sfdisk', ['--quiet', disk], { input: script });
  await execa('mke2fs', ['-q', '-t', 'ext4', '-d', tree, fileSystem, '16M']);
  await execa('dd', [`if=${fileSystem}`, `of=${disk}`, 'bs=1M', `seek=${firstMiB}`, 'conv=notrunc', 'status=none']);
  return disk;
}

const compare = (disk: string) => compareDiskWithImage({ disk, wim, imageIndex: 1, workFolder: work });

it('finds a faithful copy equal, with the files that the installer adds', async () => {
  const disk = await diskOf('same', (tree) => writeFile(path.join(tree, 'boot', 'ldlinux.sys'), 'loader'));
  // A file system of 16 MiB in blocks that mke2fs chose.
  expect(await compare(disk)).toEqual({
    filesCompared: 7,
    differences: [],
    fileSystem: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, blocks: 16 * 1024, blockSize: 1024 },
  });
  expect((await readdir(work)).filter((name) => name.startsWith('disk-'))).toEqual([]);
});

it("finds the system behind a GPT's EFI system partition", async () => {
  const disk = await diskOf('gpt', () => Promise.resolve(), 'gpt');
  expect(await compare(disk)).toMatchObject({ filesCompared: 7, differences: [] });
});

it('reports a changed, a missing and an extra file, a mode and a link', async () => {
  const disk = await diskOf('other', async (tree) => {
    await writeFile(path.join(tree, 'boot', 'kernel'), `${'k'.repeat(4999)}!`);
    await rm(path.join(tree, 'empty'));
    await writeFile(path.join(tree, 'surplus'), '');
    await rm(path.join(tree, 'link'));
    await symlink('elsewhere', path.join(tree, 'link'));
  });
  const { differences } = await compare(disk);
  expect(differences).toEqual(
    expect.arrayContaining([
      {
        path: '/boot/kernel',
        expected: expect.stringMatching(/^SHA-1 /) as string,
        actual: expect.stringMatching(/^SHA-1 /) as string,
      },
      { path: '/empty', expected: 'file', actual: 'missing' },
      { path: '/surplus', expected: 'nothing', actual: 'file' },
      { path: '/link', expected: 'link to boot/kernel', actual: 'link to elsewhere' },
    ]),
  );
  expect(differences).toHaveLength(4);
});

it('hashes single files, and leaves out folders and missing files', async () => {
  const disk = await diskOf('hashes', () => Promise.resolve());
  const hashes = await fileHashesOnDisk(disk, ['/boot/kernel', '/boot', '/nowhere', '/boot/deep/naïve 日本.txt']);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  expect([...hashes]).toEqual([
    ['/boot/kernel', sha256('k'.repeat(5000))],
    ['/boot/deep/naïve 日本.txt', sha256('x')],
  ]);
});

it('reports an empty disk as not installed', async () => {
  const disk = path.join(work, 'empty.raw');
  await writeFile(disk, Buffer.alloc(4096));
  await expect(compare(disk)).rejects.toThrow(
    'found no partition table; see whether the installation got as far as partitioning',
  );
});
