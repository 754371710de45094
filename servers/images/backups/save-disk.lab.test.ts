import { execa } from 'execa';
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackupStore } from '../backup-store.ts';
import { makeCertificate } from '../backup-store/testing/certificate.ts';
import { makeDisk, makeStore, type TestStore } from '../backup-store/testing/written-backup.ts';
import { restorePartition } from './partition-file.ts';
import type { BackupStore } from './restic.ts';
import { saveDisk } from './save-disk.ts';

// Of the host: restic, partclone, sfdisk, e2fsprogs, ntfs-3g, dosfstools, mtools. No root, no mount.

const MIB = 2 ** 20;

let folder: string;
let store: TestStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pxewright-save-disk-'));
  store = await makeStore(inFolder('store'));
}, 30_000);
afterAll(() => rm(folder, { recursive: true }));

const inFolder = (name: string): string => path.join(folder, name);

/** A disk with one ext4 file system, and what it is changed to by debugfs. */
async function diskWith(name: string, change: string) {
  const volume = inFolder(`${name}.ext4`);
  await writeFile(volume, '');
  await truncate(volume, 16 * MIB);
  await execa('mkfs.ext4', ['-q', volume]);
  await execa('debugfs', ['-w', '-R', change, volume]);
  await makeDisk(inFolder(name), 'dos', [{ file: volume }]);
  return { disk: inFolder(name), volume };
}

const save = (disk: string, id: string, parent: string | null = null, to: BackupStore = store) =>
  saveDisk(to, {
    client: 'pc',
    mac: '52:54:00:12:34:56',
    firmware: 'bios',
    kind: 'hot',
    id,
    parent,
    disk,
    beganAt: '2026-11-28T11:15:00Z',
    scratch: folder,
  });

describe('saveDisk', () => {
  it('saves to a store over TLS, whose authority may lie below /run', { timeout: 30_000 }, async () => {
    const { disk } = await diskWith('over-tls', 'mkdir /folder');
    const hidden = await mkdtemp(path.join(process.getuid?.() === 0 ? '/run' : tmpdir(), 'pxewright-certificate-'));
    const tls = await makeCertificate(hidden);
    const { folder: root, password } = store;
    const config = { address: '127.0.0.1', port: 0, root, password, tls, startTimeoutMs: 20_000 };
    const running = await startBackupStore(config, () => undefined);
    try {
      const at = running.listening[0]?.replace('/tcp', '') ?? '';
      const over = { folder: `rest:https://${at}/`, password, authority: tls.certificate };
      const manifest = await save(disk, '20261128T111459Z', null, over);
      expect(manifest.partitions).toMatchObject([{ number: 1, fileSystem: 'ext4' }]);
      // One for the partition, and one for the list.
      expect(running.counters()).toMatchObject({ snapshots: 2, refused: 0 });
    } finally {
      await running.stop();
      await rm(hidden, { recursive: true });
    }
  });

  it('saves the used blocks of a file system that is unmounted', { timeout: 30_000 }, async () => {
    const { disk, volume } = await diskWith('clean', 'mkdir /folder');
    const manifest = await save(disk, '20261128T111500Z');
    expect(manifest).toMatchObject({ kind: 'hot', disk: { label: 'dos', bytes: 18 * MIB } });
    const [partition] = manifest.partitions;
    expect(partition).toMatchObject({ number: 1, startSector: 2048, fileSystem: 'ext4', format: 'extfs' });
    expect(partition?.bytes).toBeLessThan(16 * MIB);
    await restorePartition(store, manifest, 1, inFolder('restored'));
    expect((await readFile(inFolder('restored'))).equals(await readFile(volume))).toBe(true);
  });

  it('saves every byte of one whose journal may know more than its maps', { timeout: 30_000 }, async () => {
    const { disk, volume } = await diskWith('mounted', 'feature needs_recovery');
    const manifest = await save(disk, '20261128T111600Z', '20261128T111500Z');
    expect(manifest.partitions).toMatchObject([{ fileSystem: 'ext4', format: 'raw', bytes: 16 * MIB }]);
    expect(manifest.parent).toBe('20261128T111500Z');
    await restorePartition(store, manifest, 1, inFolder('restored'));
    expect((await readFile(inFolder('restored'))).equals(await readFile(volume))).toBe(true);
  });

  it.each([
    ['12', 'raw'],
    ['16', 'fat'],
    ['32', 'fat'],
  ])('saves all files of FAT%s', { timeout: 30_000 }, async (bits, format) => {
    const volume = inFolder(`fat${bits}`);
    await writeFile(volume, '');
    await truncate(volume, (bits === '32' ? 40 : 16) * MIB);
    await execa('mkfs.vfat', ['-F', bits, volume]);
    const content = inFolder('content');
    await writeFile(content, Buffer.alloc(MIB / 4, 'content '));
    for (const name of ['a', 'b', 'c', 'd']) await execa('mcopy', ['-i', volume, content, `::${name}`]);
    // What it leaves free is not all of it at the end.
    await execa('mdel', ['-i', volume, '::b']);
    const disk = inFolder(`fat${bits}.disk`);
    await makeDisk(disk, 'gpt', [{ file: volume }]);
    const manifest = await save(disk, `20261128T1120${bits}Z`);
    expect(manifest.partitions).toMatchObject([{ fileSystem: 'vfat', format }]);
    await restorePartition(store, manifest, 1, inFolder('restored'));
    const left = await Promise.all(
      ['a', 'c', 'd'].map((name) =>
        execa('mcopy', ['-i', inFolder('restored'), `::${name}`, '-'], {
          encoding: 'buffer',
          env: { MTOOLS_SKIP_CHECK: '1' },
        }),
      ),
    );
    for (const { stdout } of left) expect(Buffer.from(stdout).equals(await readFile(content))).toBe(true);
  });

  it.each([
    ['NTFS', 'mkntfs --quiet --quick --force', 'ntfs', 'ntfs'],
    ['FAT', 'mkfs.vfat -F 16', 'vfat', 'fat'],
    ['an empty MBR', 'label: dos', 'unknown', 'raw'],
    ['an empty GPT', 'label: gpt', 'unknown', 'raw'],
    ['an extended partition alone', 'label: dos\nstart=2048, size=4096, type=5', 'unknown', 'raw'],
    ["SGI's table", 'label: sgi', 'unknown', 'raw'],
    ["Sun's table", 'label: sun', 'unknown', 'raw'],
  ])('saves a disk with %s as a whole', { timeout: 30_000 }, async (what, made, fileSystem, format) => {
    const disk = inFolder(what);
    await writeFile(disk, '');
    await truncate(disk, 16 * MIB);
    if (made.startsWith('label: ')) await execa('sfdisk', ['--quiet', disk], { input: `${made}\n` });
    else await execa('sh', ['-c', `${made} "$1"`, 'sh', disk]);
    const manifest = await save(disk, '20261128T111900Z');
    expect(manifest).toMatchObject({
      disk: { label: 'none', bytes: 16 * MIB },
      partitions: [{ number: 0, startSector: 0, fileSystem, format }],
    });
    await restorePartition(store, manifest, 0, inFolder('restored'));
    expect((await readFile(inFolder('restored'))).equals(await readFile(disk))).toBe(true);
  });

  it('saves a disk whose partitions overlap as a whole', { timeout: 30_000 }, async () => {
    const { disk } = await diskWith('overlapping', 'mkdir /folder');
    const handle = await open(disk, 'r+');
    // The second entry of the MBR, which begins in the middle of the first one.
    const entry = Buffer.from('00000000830000000010000000200000', 'hex');
    await handle.write(entry, 0, 16, 446 + 16);
    await handle.close();
    const manifest = await save(disk, '20261128T112100Z');
    expect(manifest).toMatchObject({ disk: { label: 'none' }, partitions: [{ number: 0, format: 'raw' }] });
  });

  it('saves every byte of a file system that partclone does not take', { timeout: 30_000 }, async () => {
    // More blocks are free than its map says.
    const { disk } = await diskWith('broken', 'set_super_value free_blocks_count 1');
    const manifest = await save(disk, '20261128T111700Z');
    expect(manifest.partitions).toMatchObject([{ fileSystem: 'ext4', format: 'raw' }]);
  });

  it('makes no backup where a partition cannot be saved, and says why', { timeout: 30_000 }, async () => {
    const { disk } = await diskWith('other', 'mkdir /folder');
    const wrong = saveDisk(
      { ...store, password: 'another' },
      {
        client: 'other',
        mac: '52:54:00:12:34:56',
        firmware: 'bios',
        kind: 'hot',
        id: '20261128T111800Z',
        parent: null,
        disk,
        beganAt: '2026-11-28T11:18:00Z',
      },
    );
    await expect(wrong).rejects.toThrow(/expected the password that the store was made with/);
  });
});
