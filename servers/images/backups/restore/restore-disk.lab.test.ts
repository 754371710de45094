import { execa } from 'execa';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { makeDisk, makeStore, writeBackup, type TestStore } from '../../backup-store/testing/written-backup.ts';
import { restoreDisk } from './restore-disk.ts';

// Disks as the agent saves them, restored to files. Everything is compared with the disk itself, byte by byte, and where
// sizes differ by programs that check table and file systems.

const MIB = 2 ** 20;

let root: string;
let store: TestStore;
const inRoot = (...names: string[]): string => path.join(root, ...names);
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-restore-disk-'));
  store = await makeStore(inRoot('store'));
  await writeFile(inRoot('content'), Buffer.alloc(MIB / 4, 'content '));
  await Promise.all(
    ['extfs', 'ntfs', 'fat', 'swap', 'raw'].map(async (kind) => {
      await writeFile(inRoot(kind), '');
      await truncate(inRoot(kind), 16 * MIB);
    }),
  );
  await execa('mkfs.ext4', ['-q', inRoot('extfs')]);
  await execa('debugfs', ['-w', '-R', `write ${inRoot('content')} content`, inRoot('extfs')]);
  await execa('mkntfs', ['--quiet', '--quick', '--force', inRoot('ntfs')]);
  await execa('ntfscp', ['--quiet', inRoot('ntfs'), inRoot('content'), 'content']);
  await execa('ntfscp', ['--quiet', '-N', 'stream', inRoot('ntfs'), inRoot('content'), 'content']);
  await execa('busybox', ['mkdosfs', inRoot('fat')]);
  await execa('mkswap', ['--quiet', inRoot('swap')]);
  await writeFile(inRoot('raw'), Buffer.alloc(MIB, 'x'), { flag: 'r+' });
}, 240_000);
afterAll(() => rm(root, { recursive: true, force: true }));

type Kind = 'extfs' | 'ntfs' | 'fat' | 'swap' | 'raw';

/** A disk with boot code in its MBR, and a boot loader before its first partition; with its backup. */
async function savedDisk(
  name: string,
  label: 'gpt' | 'dos',
  kinds: readonly Kind[],
): Promise<{ readonly disk: string; readonly manifest: BackupManifest }> {
  const disk = inRoot(name);
  await makeDisk(
    disk,
    label,
    kinds.map((kind) => ({ file: inRoot(kind) })),
  );
  const handle = await open(disk, 'r+');
  await handle.write(Buffer.alloc(440, 'boot code '), 0, 440, 0);
  await handle.write(Buffer.alloc(10 * 512, 'boot loader '), 0, 10 * 512, 100 * 512);
  await handle.close();
  const seconds = String(saved++).padStart(2, '0');
  return { disk, manifest: await writeBackup(store, { client: 'pc', id: `20261128T1115${seconds}Z`, disk }) };
}
let saved = 0;

/** A partition of a disk, as a file. */
async function partitionOf(disk: string, number: number): Promise<{ readonly file: string; readonly bytes: number }> {
  const { stdout } = await execa('sfdisk', ['--json', disk]);
  const { partitiontable } = JSON.parse(stdout) as {
    partitiontable: { partitions: { node: string; start: number; size: number }[] };
  };
  const { start = 0, size = 0 } = partitiontable.partitions.find(({ node }) => node === `${disk}${number}`) ?? {};
  const file = `${disk}.part-${number}`;
  const place = [`skip=${start}`, `count=${size}`, 'conv=sparse', 'status=none'];
  await execa('dd', [`if=${disk}`, `of=${file}`, 'bs=512', ...place]);
  await truncate(file, size * 512);
  return { file, bytes: size * 512 };
}

const tableOf = async (disk: string): Promise<string> =>
  (await execa('sfdisk', ['--dump', disk])).stdout.replaceAll(disk, 'disk');

describe('restoreDisk', () => {
  it.concurrent('writes a disk with a GPT that equals the one that was saved, or a larger one', {
    timeout: 240_000,
  }, async () => {
    const kinds = ['fat', 'ntfs', 'swap', 'raw', 'extfs'] as const;
    const { disk, manifest } = await savedDisk('gpt', 'gpt', kinds);
    expect(manifest.partitions.map(({ format }) => format)).toEqual(kinds);
    const file = inRoot('gpt.restored');
    const seen: [number, number][] = [];
    const restored = await restoreDisk(store, manifest, file, { onProgress: (...one) => void seen.push(one) });
    expect(restored).toEqual({ bytes: manifest.disk.bytes });
    const before = await readFile(disk);
    expect((await readFile(file)).equals(before)).toBe(true);
    expect((await stat(file)).blocks * 512).toBeLessThan(before.length / 2);
    const total = manifest.partitions.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(seen.at(-1)).toEqual([total, total]);

    const larger = inRoot('gpt.larger');
    const sizeBytes = manifest.disk.bytes + 64 * MIB;
    const { resized } = await restoreDisk(store, manifest, larger, { sizeBytes });
    expect(resized).toEqual({ number: 5, bytes: 80 * MIB, fits: true });
    await expectSameBut(5, disk, larger);
    const { file: part } = await partitionOf(larger, 5);
    await execa('e2fsck', ['-fn', part]);
    expect((await execa('dumpe2fs', ['-h', part])).stdout).toMatch(/^Block count: +81920$/m);
    const { stdout } = await execa('debugfs', ['-R', 'cat content', part], { encoding: 'buffer' });
    expect(Buffer.from(stdout).equals(await readFile(inRoot('content')))).toBe(true);
  });

  it.concurrent('writes a disk with an MBR that equals the one that was saved, or a smaller one', {
    timeout: 240_000,
  }, async () => {
    const { disk, manifest } = await savedDisk('dos', 'dos', ['extfs', 'ntfs']);
    const file = inRoot('dos.restored');
    await restoreDisk(store, manifest, file);
    expect((await readFile(file)).equals(await readFile(disk))).toBe(true);

    const smaller = inRoot('dos.smaller');
    const { resized } = await restoreDisk(store, manifest, smaller, { sizeBytes: 29 * MIB });
    expect(resized).toEqual({ number: 2, bytes: 12 * MIB, fits: true });
    expect((await stat(smaller)).size).toBe(29 * MIB);
    await expectSameBut(2, disk, smaller);
    const { file: part } = await partitionOf(smaller, 2);
    const { stdout } = await execa('ntfscat', ['--force', part, 'content'], { encoding: 'buffer' });
    expect(Buffer.from(stdout).equals(await readFile(inRoot('content')))).toBe(true);
    await expect(restoreDisk(store, manifest, inRoot('dos.tiny'), { sizeBytes: 18 * MIB })).rejects.toThrow(
      new RegExp(
        `^expected a disk of at least \\d\\dMiB for ntfs of partition 2 in backup ${manifest.id} of pc, whose disk had 34MiB, got 18MiB$`,
      ),
    );
  });

  it.concurrent('writes a disk without a table, and grows what is on it', { timeout: 240_000 }, async () => {
    const manifest = await writeBackup(store, { client: 'bare', id: '20261128T121500Z', disk: inRoot('extfs') });
    expect(manifest.disk.label).toBe('none');
    await restoreDisk(store, manifest, inRoot('bare'));
    expect((await readFile(inRoot('bare'))).equals(await readFile(inRoot('extfs')))).toBe(true);
    await restoreDisk(store, manifest, inRoot('bare.larger'), { sizeBytes: 32 * MIB });
    expect((await execa('dumpe2fs', ['-h', inRoot('bare.larger')])).stdout).toMatch(/^Block count: +32768$/m);
  });

  it.concurrent('leaves nothing behind when the store lacks something, the size cannot be, or the name is taken', {
    timeout: 240_000,
  }, async () => {
    const { manifest } = await savedDisk('lost', 'gpt', ['raw', 'swap']);
    const [first, second] = manifest.partitions;
    if (first === undefined || second === undefined) throw new Error('expected two partitions');
    const gone = { ...manifest, partitions: [first, { ...second, snapshot: 'f'.repeat(64) }] };
    await expect(restoreDisk(store, gone, inRoot('half'))).rejects.toThrow(
      /partition 2, snapshot ffffffff: .*failed to find snapshot/,
    );
    await expect(restoreDisk(store, manifest, inRoot('tiny'), { sizeBytes: MIB })).rejects.toThrow(
      /^expected a disk of at least 18MiB for the partitions in backup/,
    );
    await expect(restoreDisk(store, manifest, inRoot('odd'), { sizeBytes: 64 * MIB + 1 })).rejects.toThrow(
      'expected a size in whole sectors of 512 bytes',
    );
    await expect(restoreDisk(store, manifest, inRoot('content'))).rejects.toThrow(
      `expected a name for a new file, got ${inRoot('content')}, which exists`,
    );
    const ended = AbortSignal.abort(new Error('ended'));
    await expect(restoreDisk(store, manifest, inRoot('ended'), { signal: ended })).rejects.toThrow('ended');
    expect((await readdir(root)).filter((name) => /^(half|tiny|odd|ended|dos.tiny)/.test(name))).toEqual([]);
  });
});

it('names a program that the host lacks, and its package', { timeout: 240_000 }, async () => {
  const { manifest } = await savedDisk('lacking', 'dos', ['extfs']);
  await mkdir(inRoot('bin'));
  const { stdout: restic } = await execa('sh', ['-c', 'command -v restic']);
  await symlink(restic, inRoot('bin', 'restic'));
  vi.stubEnv('PATH', inRoot('bin'));
  try {
    await expect(restoreDisk(store, manifest, inRoot('lacking.restored'))).rejects.toThrow(
      "expected the program partclone.restore (Debian's package partclone), but it did not run: ",
    );
  } finally {
    vi.unstubAllEnvs();
  }
  expect((await readdir(root)).filter((name) => name.startsWith('lacking.'))).toEqual([]);
});

/** Ids, types and places of partitions, boot code, and the content of all partitions but the last are those of the other disk. */
async function expectSameBut(last: number, disk: string, other: string): Promise<void> {
  await execa('sfdisk', ['--verify', other]);
  const unsized = (table: string): string =>
    table.replace(/^last-lba.*\n/m, '').replace(new RegExp(`(disk${last} .*size=) *\\d+`), '$1');
  expect(unsized(await tableOf(other))).toBe(unsized(await tableOf(disk)));
  const [before, after] = [await readFile(disk), await readFile(other)];
  expect(after.subarray(0, 440).equals(before.subarray(0, 440))).toBe(true);
  const end = (1 + 16 * (last - 1)) * MIB;
  expect(after.subarray(34 * 512, end).equals(before.subarray(34 * 512, end))).toBe(true);
}
