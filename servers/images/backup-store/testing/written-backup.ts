import { execa } from 'execa';
import { stat } from 'node:fs/promises';
import { saveDisk, savePartitions, type SavedDisk } from '../../backups/save-disk.ts';
import type { BackupManifest } from '../manifest.ts';
import { makeKeyQuick } from '../quick-key.ts';

// Backups for tests, written as the agent in a VM writes them, with the programs of this host: restic, partclone, sfdisk.

/** Where the backup goes: a folder that `makeStore` made, or the address of a server (`rest:http://…/`). */
export interface TestStore {
  readonly folder: string;
  readonly password: string;
}

export interface TestBackup {
  readonly client: string;
  readonly id: string;
  /** Raw image of the whole disk. */
  readonly disk: string;
  readonly kind?: BackupManifest['kind'];
  readonly firmware?: BackupManifest['firmware'];
  readonly parent?: string;
  /** How it ends: without `manifest` it is cut after its partitions. */
  readonly cut?: true;
}

/** Size and type of a partition of `makeDisk`, and the image of its content. */
export interface TestPartition {
  readonly file: string;
  /** As sfdisk takes it; default: Linux. */
  readonly type?: string;
}

const MIB = 2 ** 20;

/** An empty store, with a key that is derived at once. */
export async function makeStore(folder: string, password = 'secret'): Promise<TestStore> {
  const store = { folder, password };
  await execa('restic', ['--no-cache', 'init', '--quiet'], {
    env: { RESTIC_REPOSITORY: folder, RESTIC_PASSWORD: password },
  });
  await makeKeyQuick(folder, password);
  return store;
}

/** A disk with the table `label` and these partitions one after the other, each on a whole MiB. */
export async function makeDisk(
  disk: string,
  label: 'gpt' | 'dos',
  partitions: readonly TestPartition[],
): Promise<void> {
  let start = MIB;
  const placed: { readonly file: string; readonly start: number; readonly bytes: number; readonly type: string }[] = [];
  for (const { file, type = 'linux' } of partitions) {
    const bytes = Math.ceil((await stat(file)).size / MIB) * MIB;
    placed.push({ file, start, bytes, type });
    start += bytes;
  }
  await execa('truncate', ['-s', String(start + MIB), disk]);
  const rows = placed.map(({ start, bytes, type }) => `start=${start / 512}, size=${bytes / 512}, type=${type}`);
  await execa('sfdisk', ['--quiet', disk], { input: [`label: ${label}`, ...rows, ''].join('\n') });
  for (const { file, start } of placed)
    await execa('dd', [
      `if=${file}`,
      `of=${disk}`,
      'bs=1M',
      `seek=${start / MIB}`,
      'conv=notrunc,sparse',
      'status=none',
    ]);
}

/** Backs up a disk; what the manifest of the backup says. */
export function writeBackup(store: TestStore, backup: TestBackup): Promise<BackupManifest> {
  const beganAt = backup.id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const saved: SavedDisk = {
    id: backup.id,
    client: backup.client,
    mac: '52:54:00:12:34:56',
    firmware: backup.firmware ?? 'bios',
    kind: backup.kind ?? 'cold',
    parent: backup.parent ?? null,
    disk: backup.disk,
    beganAt,
    endedAt: new Date(Date.parse(beganAt) + 60_000).toISOString(),
  };
  return backup.cut === undefined ? saveDisk(store, saved) : savePartitions(store, saved, () => Promise.resolve());
}
