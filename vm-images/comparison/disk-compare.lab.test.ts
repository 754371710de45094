import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { chmod, lchown, lutimes, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareDisks, compareDiskWithImage, fileHashesOnDisk } from './disk-compare.ts';
import { IGNORED_PATHS } from './ignored-paths.ts';
import { setAttributes } from './testing/wim-attributes.ts';
import type { ImageChoice } from './wim-tree.ts';

const READONLY_HIDDEN = 0x3;
const LONG_AGO_S = Date.UTC(2012, 5, 1) / 1000;

let work: string;
/** Two images, captured as wimlib does by default and as Windows images are: without UNIX data. */
let plain: string;
/** The second image of `plain`, with UNIX data. */
let unix: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-disk-'));
  const tree = path.join(work, 'tree');
  await mkdir(path.join(tree, 'boot', 'deep'), { recursive: true });
  await writeFile(path.join(tree, 'boot', 'kernel'), 'k'.repeat(5000));
  await writeFile(path.join(tree, 'boot', 'deep', 'naïve 日本.txt'), 'x', { mode: 0o755 });
  await writeFile(path.join(tree, 'empty'), '', { mode: 0o600 });
  await symlink('boot/kernel', path.join(tree, 'link'));
  await symlink('/boot/kernel', path.join(tree, 'absolute-link'));
  for (const place of ['boot/kernel', 'boot/deep', 'link'])
    await lutimes(path.join(tree, place), LONG_AGO_S, LONG_AGO_S);
  const folders = path.join(work, 'folders');
  await mkdir(path.join(folders, 'nothing', 'in here'), { recursive: true });
  [plain, unix] = [path.join(work, 'plain.wim'), path.join(work, 'unix.wim')];
  await execa('wimlib-imagex', ['capture', folders, plain, 'folders', '--compress=none']);
  await execa('wimlib-imagex', ['append', tree, plain, 'system']);
  await execa('wimlib-imagex', ['capture', tree, unix, 'system', '--compress=none', '--unix-data']);
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** What the agent makes on a BIOS, and on UEFI. */
const TABLES = {
  mbr: { script: 'label: dos\n2048,,L,*\n', firstMiB: 1 },
  gpt: { script: 'label: gpt\nsize=1MiB, type=U\ntype=L\n', firstMiB: 2 },
} as const;

interface Installed {
  readonly wim: string;
  readonly image?: number;
  readonly table?: keyof typeof TABLES;
}

/** A raw disk with an image applied as the agent does, then changed by `change`; no VM and no mount. */
async function diskOf(
  name: string,
  { wim, image = 1, table = 'mbr' }: Installed,
  change: (tree: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const { script, firstMiB } = TABLES[table];
  const [tree, disk, fileSystem] = [
    path.join(work, `tree-${name}`),
    path.join(work, `${name}.raw`),
    path.join(work, `${name}.ext4`),
  ];
  await execa('wimlib-imagex', ['apply', wim, String(image), tree, '--unix-data', '--norpfix']);
  await change(tree);
  await writeFile(disk, '');
  await truncate(disk, 19 * 1024 * 1024);
  await execa('sfdisk', ['--quiet', disk], { input: script });
  await execa('mke2fs', ['-q', '-t', 'ext4', '-d', tree, fileSystem, '16M']);
  await execa('dd', [`if=${fileSystem}`, `of=${disk}`, 'bs=1M', `seek=${firstMiB}`, 'conv=notrunc', 'status=none']);
  return disk;
}

const ALWAYS = IGNORED_PATHS.map(({ pattern }) => pattern);

const compare = (disk: string, wim: string, choice: ImageChoice = {}, ignore: readonly string[] = []) =>
  compareDiskWithImage({ disk, wim, ...choice, ignore: [...ALWAYS, ...ignore], workFolder: work });

// Only root can give files away, and the trees here have owners.
describe.skipIf(process.getuid?.() !== 0)('an image with UNIX data', () => {
  it('is found again on a disk, beside the files that the installer adds', async () => {
    const disk = await diskOf('same', { wim: unix }, (tree) =>
      writeFile(path.join(tree, 'boot', 'ldlinux.sys'), 'loader'),
    );
    // A file system of 16 MiB in blocks that mke2fs chose.
    expect(await compare(disk, unix)).toEqual({
      filesCompared: 8,
      differences: [],
      ignored: ['/lost+found', '/boot/ldlinux.sys'],
      notCompared: [],
      fileSystem: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, blocks: 16 * 1024, blockSize: 1024 },
    });
    expect((await readdir(work)).filter((name) => name.startsWith('disk-'))).toEqual([]);
  });

  it("is found behind a GPT's EFI system partition", async () => {
    const disk = await diskOf('gpt', { wim: unix, table: 'gpt' });
    expect(await compare(disk, unix)).toMatchObject({ filesCompared: 8, differences: [] });
  });

  it('differs by content, by a missing and an extra file, by mode, owner, link and time', async () => {
    const disk = await diskOf('other', { wim: unix }, async (tree) => {
      const at = (name: string): string => path.join(tree, name);
      await writeFile(at('boot/kernel'), `${'k'.repeat(4999)}!`);
      await lutimes(at('boot/kernel'), LONG_AGO_S, LONG_AGO_S + 1);
      await chmod(at('boot/deep/naïve 日本.txt'), 0o644);
      await lchown(at('boot/deep/naïve 日本.txt'), 7, 8);
      await rm(at('empty'));
      await writeFile(at('surplus'), '');
      await rm(at('link'));
      await symlink('elsewhere', at('link'));
      await lutimes(at('link'), LONG_AGO_S, LONG_AGO_S);
    });
    const { differences } = await compare(disk, unix);
    const sha1 = expect.stringMatching(/^SHA-1 /) as string;
    expect(differences.toSorted((one, other) => one.path.localeCompare(other.path))).toEqual([
      { path: '/boot/deep/naïve 日本.txt', expected: 'mode 0755', actual: 'mode 0644' },
      { path: '/boot/deep/naïve 日本.txt', expected: 'owner 0:0', actual: 'owner 7:8' },
      { path: '/boot/kernel', expected: sha1, actual: sha1 },
      {
        path: '/boot/kernel',
        expected: 'changed 2012-06-01T00:00:00Z',
        actual: 'changed 2012-06-01T00:00:01Z',
      },
      { path: '/empty', expected: 'file', actual: 'missing' },
      { path: '/link', expected: 'link to boot/kernel', actual: 'link to elsewhere' },
      { path: '/surplus', expected: 'nothing', actual: 'file' },
    ]);
  });
});

describe('an image without UNIX data', () => {
  it('is found again on a disk, which has modes of its own', async () => {
    const disk = await diskOf('plain', { wim: plain, image: 2 });
    for (const choice of [{ index: 2 }, { name: 'system' }])
      expect(await compare(disk, plain, choice)).toMatchObject({ filesCompared: 8, differences: [], notCompared: [] });
  });

  it('differs in what it holds: another image of the same file is not on the disk', async () => {
    const disk = await diskOf('folders', { wim: plain });
    const { filesCompared, differences } = await compare(disk, plain, { name: 'system' });
    expect(differences).toContainEqual({ path: '/boot/kernel', expected: 'file', actual: 'missing' });
    expect(differences).toContainEqual({ path: '/nothing', expected: 'nothing', actual: 'folder' });
    // Every path but the root, whose time is left out for lost+found.
    expect(new Set(differences.map((one) => one.path)).size).toBe(filesCompared - 1);
  });

  it('may have no file at all', async () => {
    expect(await compare(await diskOf('no-files', { wim: plain }), plain)).toMatchObject({
      filesCompared: 3,
      differences: [],
    });
  });

  it('has attributes that ext4 has no place for, and the comparison says so', async () => {
    const wim = path.join(work, 'attributes.wim');
    await execa('wimlib-imagex', ['export', plain, 'system', wim]);
    await setAttributes(wim, 'kernel', READONLY_HIDDEN);
    const disk = await diskOf('attributes', { wim });
    expect(await compare(disk, wim)).toMatchObject({
      differences: [],
      notCompared: [
        'Windows attributes of 1 paths, such as /boot/kernel (attributes readonly, hidden): the file system of the disk has none',
      ],
    });
  });

  it('is refused by an index or a name that the file does not have, with those that it has', async () => {
    const disk = await diskOf('unknown', { wim: plain });
    await expect(compare(disk, plain, { index: 3 })).rejects.toThrow('expected image 3, found 1 “folders”, 2 “system”');
    await expect(compare(disk, plain, { name: 'System' })).rejects.toThrow(
      'expected image “System”, found 1 “folders”',
    );
  });
});

describe("an image on NTFS, Windows' file system", () => {
  /** A disk as Windows divides it on UEFI, with an image applied by wimlib to its largest partition. */
  async function windowsDisk(name: string, wim: string): Promise<string> {
    const [disk, volume] = [path.join(work, `${name}.raw`), path.join(work, `${name}.ntfs`)];
    await writeFile(volume, '');
    await truncate(volume, 16 * 2 ** 20);
    await execa('mkntfs', ['--quick', '--force', '--quiet', volume]);
    await execa('wimlib-imagex', ['apply', wim, '1', volume]);
    await writeFile(disk, '');
    await truncate(disk, 24 * 2 ** 20);
    await execa('sfdisk', ['--quiet', disk], {
      input:
        'label: gpt\nsize=1MiB, type=U\nsize=2MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\nsize=16MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n',
    });
    await execa('dd', [`if=${volume}`, `of=${disk}`, 'bs=1M', 'seek=4', 'conv=notrunc', 'status=none']);
    return disk;
  }

  it('is found again with its attributes, links and times', async () => {
    const wim = path.join(work, 'windows.wim');
    await execa('wimlib-imagex', ['export', plain, 'system', wim]);
    await setAttributes(wim, 'kernel', READONLY_HIDDEN);
    const disk = await windowsDisk('windows', wim);
    expect(await compare(disk, wim)).toMatchObject({ filesCompared: 8, differences: [], notCompared: [] });
  });

  it('differs by an attribute that the installation lost, and by content', async () => {
    const wim = path.join(work, 'attribute-lost.wim');
    await execa('wimlib-imagex', ['export', plain, 'system', wim]);
    const disk = await windowsDisk('attribute-lost', wim);
    await setAttributes(wim, 'kernel', READONLY_HIDDEN);
    expect((await compare(disk, wim)).differences).toEqual([
      { path: '/boot/kernel', expected: 'attributes readonly, hidden', actual: 'attributes none' },
    ]);
    expect((await compare(disk, plain)).differences).toContainEqual({
      path: '/boot/kernel',
      expected: 'nothing',
      actual: 'file',
    });
  });
});

it.skipIf(process.getuid?.() !== 0)(
  'leaves out what the patterns match, and the times of the folders that hold it',
  async () => {
    const disk = await diskOf('ignored', { wim: unix }, async (tree) => {
      await writeFile(path.join(tree, 'boot', 'deep', 'new.cache'), '');
      await rm(path.join(tree, 'empty'));
    });
    const before = await compare(disk, unix);
    expect(before.differences.map((one) => one.path).toSorted()).toEqual([
      '/boot/deep',
      '/boot/deep/new.cache',
      '/empty',
    ]);
    expect(await compare(disk, unix, {}, ['/boot/**/*.cache', '/empty'])).toMatchObject({
      differences: [],
      ignored: ['/empty', '/lost+found', '/boot/deep/new.cache'],
    });
  },
);

it('compares two disks, without their times', async () => {
  const one = await diskOf('one', { wim: unix });
  const other = await diskOf('other-history', { wim: unix }, async (tree) => {
    await writeFile(path.join(tree, 'empty'), 'another identity', { mode: 0o600 });
    await lutimes(path.join(tree, 'boot', 'kernel'), 1, 1);
  });
  const disks = { disk: other, with: one, ignore: ALWAYS, workFolder: work };
  expect(await compareDisks({ ...disks, changed: ['/empty'] })).toMatchObject({ filesCompared: 8, differences: [] });
  expect((await compareDisks({ ...disks, changed: ['/boot/kernel'] })).differences).toEqual([
    { path: '/empty', expected: '0 bytes', actual: '16 bytes' },
    { path: '/boot/kernel', expected: 'a difference', actual: 'the same on both disks' },
  ]);
});

it('hashes single files, and leaves out folders and missing files', async () => {
  const disk = await diskOf('hashes', { wim: unix });
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
  await expect(compare(disk, unix)).rejects.toThrow(
    'found no partition table; see whether the installation got as far as partitioning',
  );
});
