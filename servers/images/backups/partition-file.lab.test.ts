import { execa } from 'execa';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupManifest } from '../backup-store/manifest.ts';
import { makeDisk, makeStore, writeBackup, type TestStore } from '../backup-store/testing/written-backup.ts';
import { restorePartition } from './partition-file.ts';

const MIB = 2 ** 20;

let root: string;
let store: TestStore;
let manifest: BackupManifest;
const inRoot = (name: string): string => path.join(root, name);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-partition-file-'));
  for (const name of ['extfs', 'ntfs', 'fat', 'swap', 'raw']) {
    await writeFile(inRoot(name), '');
    await truncate(inRoot(name), 4 * MIB);
  }
  await writeFile(inRoot('hello'), 'hello\n');
  await execa('mkfs.ext4', ['-q', inRoot('extfs')]);
  await execa('debugfs', ['-w', '-R', `write ${inRoot('hello')} hello`, inRoot('extfs')]);
  await execa('mkntfs', ['--quiet', '--quick', '--force', inRoot('ntfs')]);
  await execa('ntfscp', ['--quiet', inRoot('ntfs'), inRoot('hello'), 'hello']);
  await execa('busybox', ['mkdosfs', inRoot('fat')]);
  await execa('mkswap', [inRoot('swap')]);
  await writeFile(inRoot('raw'), Buffer.alloc(MIB, 'x'), { flag: 'r+' });
  store = await makeStore(inRoot('store'));
  await makeDisk(
    inRoot('disk'),
    'gpt',
    ['extfs', 'ntfs', 'fat', 'swap', 'raw'].map((name) => ({ file: inRoot(name) })),
  );
  manifest = await writeBackup(store, { client: 'pc', id: '20261128T111500Z', disk: inRoot('disk') });
});
afterAll(() => rm(root, { recursive: true, force: true }));

it.concurrent.each(['extfs', 'ntfs', 'fat', 'swap', 'raw'] as const)(
  'writes a partition saved as %s to a file',
  async (format) => {
    const { number = 0 } = manifest.partitions.find((one) => one.format === format) ?? {};
    const file = inRoot(`${format}.restored`);
    await restorePartition(store, manifest, number, file);
    expect((await readFile(file)).equals(await readFile(inRoot(format)))).toBe(true);
  },
);

it('says which partition is damaged, and leaves no part of it', async () => {
  const damaged = { ...store, folder: inRoot('damaged') };
  await execa('cp', ['-a', store.folder, damaged.folder]);
  await rm(path.join(damaged.folder, 'data'), { recursive: true });
  const [first] = manifest.partitions;
  await expect(restorePartition(damaged, manifest, 1, inRoot('gone'))).rejects.toThrow(
    `partition 1, snapshot ${first?.snapshot.slice(0, 8) ?? ''}: ${damaged.folder}: loading tree for snapshot`,
  );
  expect(await readdir(root)).not.toContain('gone');
  const other = { ...manifest, partitions: manifest.partitions.map((one) => ({ ...one, bytes: one.bytes + 1 })) };
  await expect(restorePartition(store, other, 1, inRoot('short'))).rejects.toThrow(
    `expected a stream of ${(first?.bytes ?? 0) + 1} bytes, as the manifest says, got ${first?.bytes ?? 0}`,
  );
  await expect(restorePartition({ ...store, password: 'x' }, manifest, 1, inRoot('gone'))).rejects.toThrow(
    'expected the password that the store was made with',
  );
});
