import { buffer } from 'node:stream/consumers';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { DamagedBackupError, restic, resticDump, resticError, type BackupStore } from '../restic.ts';

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

/** Reads them from the snapshot that holds the manifest. Throws `DamagedBackupError` when the store lacks them. */
export async function readDiskFiles(
  store: BackupStore,
  { id, client, disk }: BackupManifest,
  signal?: AbortSignal,
): Promise<DiskFiles> {
  if (disk.label === 'none') return { boot: Buffer.alloc(0) };
  const query = ['snapshots', '--json', '--no-lock', '--host', client, '--tag', `backup=${id},manifest`];
  const { stdout } = await restic(store, query, { signal });
  const snapshot = (JSON.parse(stdout) as readonly Snapshot[])[0];
  if (snapshot === undefined)
    throw new DamagedBackupError(`backup ${id} of ${client}: expected the snapshot of its manifest, found none`);
  const read = (name: string): Promise<Buffer> => dumped(store, snapshot, name, signal);
  return { table: (await read('table.sfdisk')).toString('utf8'), boot: await read('boot.bin') };
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
  if (exitCode !== 0) throw resticError(store, exitCode, stderr);
  return content;
}
