import { buffer } from 'node:stream/consumers';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { DamagedBackupError, restic, resticDump, resticError, type BackupStore } from '../restic.ts';
import { partitionElsewhere } from './partition-table.ts';

/** What a backup has of a disk beside its partitions. */
export interface DiskFiles {
  /** The partition table as sfdisk dumps it; a disk without one has none. */
  readonly table?: string;
  /** The first sectors of the disk, up to its first partition; empty for a disk without a table. */
  readonly boot: Buffer;
}

interface Snapshot {
  readonly id: string;
  readonly paths: readonly string[];
}

/** Reads them from the snapshot that holds the manifest. Throws `DamagedBackupError` when the store lacks them, or the table is another disk's. */
export async function readDiskFiles(
  store: BackupStore,
  manifest: BackupManifest,
  signal?: AbortSignal,
): Promise<DiskFiles> {
  const { id, client, disk } = manifest;
  if (disk.label === 'none') return { boot: Buffer.alloc(0) };
  const query = ['snapshots', '--json', '--no-lock', '--host', client, '--tag', `backup=${id},manifest`];
  const { stdout } = await restic(store, query, { signal });
  const snapshot = (JSON.parse(stdout) as readonly Snapshot[])[0];
  if (snapshot === undefined)
    throw new DamagedBackupError(`backup ${id} of ${client}: expected the snapshot of its manifest, found none`);
  const read = (name: string): Promise<Buffer> => dumped(store, snapshot, name, signal);
  const table = (await read('table.sfdisk')).toString('utf8');
  const strange = partitionElsewhere(table, manifest);
  if (strange !== undefined)
    throw new DamagedBackupError(`partition ${strange} is not in table.sfdisk where the manifest says that it is`);
  return { table, boot: await read('boot.bin') };
}

async function dumped(
  store: BackupStore,
  { id, paths: [folder = '/'] }: Snapshot,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const dump = resticDump(store, id, `${folder}/${name}`, signal);
  const [content, { exitCode, stderr }] = await Promise.all([buffer(dump.bytes), dump.ended]);
  signal?.throwIfAborted();
  if (exitCode === 0) return content;
  const error = resticError(store, exitCode, stderr);
  throw error instanceof DamagedBackupError ? new DamagedBackupError(`${name}: ${error.message}`) : error;
}
