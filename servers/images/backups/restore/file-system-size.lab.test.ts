import { execa } from 'execa';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSystemTooLargeError, fitFileSystem } from './file-system-size.ts';

const MIB = 2 ** 20;
const CONTENT = Buffer.alloc(3 * MIB, 'content ');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-file-system-size-'));
  await writeFile(path.join(root, 'content'), CONTENT);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A file system of 32 MiB in a file of its own. */
async function made(format: 'extfs' | 'ntfs' | 'fat' | 'swap', name: string): Promise<string> {
  const file = path.join(root, `${format}-${name}`);
  await writeFile(file, '');
  await truncate(file, 32 * MIB);
  const content = path.join(root, 'content');
  if (format === 'extfs') {
    await execa('mkfs.ext4', ['-q', file]);
    await execa('debugfs', ['-w', '-R', `write ${content} content`, file]);
  } else if (format === 'ntfs') {
    await execa('mkntfs', ['--quiet', '--quick', '--force', file]);
    await execa('ntfscp', ['--quiet', file, content, 'content']);
    await execa('ntfscp', ['--quiet', '-N', 'stream', file, content, 'content']);
  } else if (format === 'swap') await execa('mkswap', ['--quiet', file]);
  else await execa('busybox', ['mkdosfs', file]);
  return file;
}

const fit = (format: 'extfs' | 'ntfs' | 'fat' | 'swap', file: string, bytes: number): Promise<boolean> =>
  fitFileSystem(format, file, 32 * MIB, bytes);

describe('fitFileSystem', () => {
  it.concurrent.each([48, 24])('makes ext4 of %i MiB', async (mib) => {
    const file = await made('extfs', String(mib));
    expect(await fit('extfs', file, mib * MIB)).toBe(true);
    expect((await stat(file)).size).toBe(mib * MIB);
    await execa('e2fsck', ['-fn', file]);
    const { stdout } = await execa('dumpe2fs', ['-h', file]);
    const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)$`, 'm').exec(stdout)?.[1]);
    expect(field('Block count') * field('Block size')).toBe(mib * MIB);
    const content = await execa('debugfs', ['-R', 'cat content', file], { encoding: 'buffer' });
    expect(Buffer.from(content.stdout).equals(CONTENT)).toBe(true);
  });

  it.concurrent.each([48, 24])('makes NTFS of %i MiB, its streams and the copy of its boot sector', async (mib) => {
    const file = await made('ntfs', String(mib));
    expect(await fit('ntfs', file, mib * MIB)).toBe(true);
    const bytes = await readFile(file);
    expect(bytes.length).toBe(mib * MIB);
    expect(bytes.subarray(-512).equals(bytes.subarray(0, 512))).toBe(true);
    // Sectors of the volume, in whole clusters; the copy of the boot sector lies behind them.
    expect(Number(bytes.readBigUInt64LE(0x28)) * 512).toBe(mib * MIB - 4096);
    // --force: Windows is to check the volume, as ntfsresize wants it after each change.
    const options = ['--force', '-n', 'stream', file, 'content'];
    const { stdout } = await execa('ntfscat', options, { encoding: 'buffer' });
    expect(Buffer.from(stdout).equals(CONTENT)).toBe(true);
  });

  it.concurrent.each([48, 24])('makes a swap area of %i MiB, with the same id', async (mib) => {
    const file = await made('swap', String(mib));
    const id = async (): Promise<string> => (await execa('blkid', ['-p', '-o', 'value', '-s', 'UUID', file])).stdout;
    const before = await id();
    expect(await fit('swap', file, mib * MIB)).toBe(true);
    const { stdout } = await execa('blkid', ['-p', '-o', 'value', '-s', 'FSSIZE', file]);
    expect([Number(stdout), await id()]).toEqual([mib * MIB - 4096, before]);
  });

  it.concurrent.each(['extfs', 'ntfs', 'fat'] as const)('says what %s needs at least', async (format) => {
    const file = await made(format, 'least');
    const before = await readFile(file);
    const error = await fit(format, file, 4 * MIB).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileSystemTooLargeError);
    const { leastBytes } = error as FileSystemTooLargeError;
    expect(leastBytes).toBeGreaterThan(4 * MIB);
    if (format === 'fat') {
      expect(leastBytes).toBe(32 * MIB);
      expect((await readFile(file)).equals(before)).toBe(true);
    } else expect(await fit(format, file, Math.ceil(leastBytes / MIB) * MIB)).toBe(true);
  });

  it('gives FAT more room, which it does not use', async () => {
    const file = await made('fat', 'larger');
    const before = await readFile(file);
    expect(await fit('fat', file, 48 * MIB)).toBe(false);
    const after = await readFile(file);
    expect(after.length).toBe(48 * MIB);
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
  });
});
