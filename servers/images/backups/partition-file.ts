import { execa } from 'execa';
import { chmod, open, rm, truncate, writeFile } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BackupManifest, BackupPartition } from '../backup-store/manifest.ts';
import { failed, notRun } from './programs.ts';
import { DamagedBackupError, resticDump, resticError, type BackupStore } from './restic.ts';
import { streamLimit } from './stream-limit.ts';

/** The partition of a backup with this number; 0 is a disk without a table. */
export function partitionOf({ partitions }: BackupManifest, number: number): BackupPartition | undefined {
  return partitions.find((partition) => partition.number === number);
}

/** Name of a partition's stream in its snapshot. */
export function streamName({ number, format }: BackupPartition): string {
  return `/part-${number}.${format}`;
}

/**
 * Writes a partition of a backup to `file`, which is replaced: as large as the partition, sparse where it holds nothing.
 * Content outside of the blocks that the file system uses is zero. Throws `DamagedBackupError` when the store does not
 * have all of it; the file is then removed.
 */
export async function restorePartition(
  store: BackupStore,
  manifest: BackupManifest,
  number: number,
  file: string,
  watch: Watch = {},
): Promise<void> {
  const partition = partitionOf(manifest, number);
  if (partition === undefined)
    throw new Error(`backup ${manifest.id} of ${manifest.client} has no partition ${number}`);
  const bytes = partition.sectors * manifest.disk.sectorBytes;
  // A file that is there, as a partition is: partclone fails now and then on one that it must make (decision 193).
  await rm(file, { force: true });
  await writeFile(file, '');
  try {
    await pour(store, manifest, partition, writerOf(partition, file), watch);
    // partclone's file ends at the last used block and can be read by its owner alone, and not be written.
    await chmod(file, 0o600);
    await truncate(file, bytes);
    if (partition.format === 'ntfs') await copyBootSector(file, 0, bytes, manifest.disk.sectorBytes);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/**
 * Writes a partition of a backup to its place in a file that is there, which is all zeros at that place and is not made
 * shorter. Throws `DamagedBackupError` when the store does not have all of it.
 */
export async function restorePartitionAt(
  store: BackupStore,
  manifest: BackupManifest,
  partition: BackupPartition,
  file: string,
  watch: Watch = {},
): Promise<void> {
  const { disk } = manifest;
  const offset = partition.startSector * disk.sectorBytes;
  await pour(store, manifest, partition, writerOf(partition, file, offset), watch);
  if (partition.format === 'ntfs')
    await copyBootSector(file, offset, partition.sectors * disk.sectorBytes, disk.sectorBytes);
}

/**
 * Reads the stream of a partition and lets it go; its size is that of the manifest. Throws `DamagedBackupError` when it
 * is not.
 */
export async function readPartition(
  store: BackupStore,
  manifest: BackupManifest,
  partition: BackupPartition,
  watch: Watch = {},
): Promise<void> {
  await pour(store, manifest, partition, undefined, watch);
}

/** Who watches what is read, and may end it. */
export interface Watch {
  /** Hears of each piece of the stream, in bytes. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A program and its arguments. */
type Writer = readonly [program: 'dd' | 'partclone.restore', args: readonly string[]];

function writerOf({ format }: BackupPartition, file: string, offset = 0): Writer {
  if (format === 'raw' || format === 'swap') {
    const place = [`seek=${offset}`, 'oflag=seek_bytes', 'conv=sparse,notrunc'];
    return ['dd', [`of=${file}`, 'bs=64K', 'iflag=fullblock', 'status=none', ...place]];
  }
  // -C: the target's size is not the source's, since it is empty.
  return ['partclone.restore', ['-q', '-f', '1', '-L', '/dev/null', '-C', '-E', String(offset), '-s', '-', '-O', file]];
}

/** Pours a partition's stream into a program, or into nothing, and insists that it came whole. */
async function pour(
  store: BackupStore,
  manifest: BackupManifest,
  partition: BackupPartition,
  writer: Writer | undefined,
  { onBytes, signal }: Watch,
): Promise<void> {
  const dump = resticDump(store, partition.snapshot, streamName(partition), signal);
  const sink =
    writer &&
    execa(writer[0], writer[1], {
      reject: false,
      stdin: 'pipe',
      env: { LC_ALL: 'C' },
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
  let bytes = 0;
  let damage: DamagedBackupError | undefined;
  const limited = streamLimit(manifest, partition);
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes?.(chunk.length);
      try {
        const allowed = limited(chunk);
        done(null, sink === undefined ? undefined : allowed);
      } catch (error) {
        damage = error as DamagedBackupError;
        done(damage);
      }
    },
  });
  // A writer that ends early breaks the pipe; its own words say why, and not restic's, which is then ended.
  const poured = pipeline(dump.bytes, counter, ...(sink === undefined ? [] : [sink.stdin])).then(
    () => false,
    () => {
      dump.stop();
      return true;
    },
  );
  if (sink === undefined) counter.resume();
  const [source, written, isBroken] = await Promise.all([dump.ended, sink, poured]);
  signal?.throwIfAborted();
  const where = `partition ${partition.number}, snapshot ${partition.snapshot.slice(0, 8)}`;
  if (damage !== undefined) throw new DamagedBackupError(`${where}: ${damage.message}`);
  if (writer !== undefined && written?.failed === true && (isBroken || source.exitCode === 0))
    throw written.exitCode === undefined
      ? notRun(writer[0], written.shortMessage ?? '')
      : failed(writer[0], written.exitCode, written.stderr, `${where}: `);
  if (source.exitCode !== 0) {
    const error = resticError(store, source.exitCode, source.stderr);
    throw error instanceof DamagedBackupError ? new DamagedBackupError(`${where}: ${error.message}`) : error;
  }
  if (bytes !== partition.bytes)
    throw new DamagedBackupError(
      `${where}: expected a stream of ${partition.bytes} bytes, as the manifest says, got ${bytes}`,
    );
}

/** NTFS keeps a copy of its first sector in the partition's last one, behind its clusters, where partclone does not look. */
async function copyBootSector(file: string, offset: number, bytes: number, sectorBytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const sector = Buffer.alloc(sectorBytes);
    await handle.read(sector, 0, sectorBytes, offset);
    await handle.write(sector, 0, sectorBytes, offset + bytes - sectorBytes);
  } finally {
    await handle.close();
  }
}
