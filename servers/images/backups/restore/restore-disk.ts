import { rm, type FileHandle } from 'node:fs/promises';
import { ManagementError } from '../../../state/management-error.ts';
import type { BackupManifest, BackupPartition } from '../../backup-store/manifest.ts';
import { makeFile } from '../../wim/replace-file.ts';
import { restorePartition, restorePartitionAt, type Watch } from '../partition-file.ts';
import { runProgram } from '../programs.ts';
import { DamagedBackupError, type BackupStore } from '../restic.ts';
import { readDiskFiles, type DiskFiles } from './disk-files.ts';
import { FileSystemTooLargeError, fitFileSystem } from './file-system-size.ts';
import { firstSector, fitTable, NoRoomError, tableSectors, type FittedTable } from './partition-table.ts';

export interface RestoreOptions {
  /** Of the disk to write; default: that of the disk that was saved. */
  readonly sizeBytes?: number | undefined;
  /** Hears how much of the backup has been read, of how much. */
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RestoredDisk {
  readonly bytes: number;
  /** The partition that has another size than it had; `fits`: what it holds was resized with it. */
  readonly resized?: { readonly number: number; readonly bytes: number; readonly fits: boolean };
}

const MIB = 2 ** 20;
/** Streams of what can grow with its partition; a partition of anything else keeps its size on a larger disk. */
const GROWING: ReadonlySet<BackupPartition['format']> = new Set(['extfs', 'ntfs', 'swap']);
/** Bytes of the MBR that are code; the disk's id and the table follow. */
const BOOT_CODE_BYTES = 440;

/**
 * Writes the disk of a backup to a raw file, sparse, without root and without mounting anything: table and boot code,
 * each partition, and on a disk of another size the last partition with its file system fitted to it. The file appears
 * whole or not at all. Throws `ManagementError` for a name that is taken and a size that is too small.
 */
export async function restoreDisk(
  store: BackupStore,
  manifest: BackupManifest,
  file: string,
  options: RestoreOptions = {},
): Promise<RestoredDisk> {
  const { disk, partitions } = manifest;
  const { sizeBytes: bytes = disk.bytes, onProgress, signal } = options;
  if (bytes % disk.sectorBytes !== 0)
    throw new ManagementError(
      `expected a size in whole sectors of ${disk.sectorBytes} bytes, as the disk of ${manifest.client} has, got ${bytes}`,
    );
  const files = await readDiskFiles(store, manifest, signal);
  const { script, resized } = fittedTo(bytes, manifest, files);

  const total = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  let read = 0;
  const watch: Watch = {
    signal,
    onBytes: (more) => {
      read += more;
      onProgress?.(read, total);
    },
  };
  return makeFile(file, async (handle, fresh) => {
    await handle.truncate(bytes).catch((error: unknown) => {
      // ext4 ends at 16 TiB, FAT at 4 GiB.
      throw new ManagementError(
        `expected a size that the file system of ${file} takes, got ${bytes} bytes: ${(error as Error).message}`,
      );
    });
    let fits = false;
    for (const partition of partitions)
      if (partition.number !== resized?.number) await restorePartitionAt(store, manifest, partition, fresh, watch);
      else {
        const size = resized.sectors * disk.sectorBytes;
        fits = await restoreResized(store, manifest, partition, size, fresh, watch).catch((error: unknown) => {
          if (!(error instanceof FileSystemTooLargeError)) throw error;
          throw tooSmall(
            manifest,
            bytes,
            bytes - size + error.leastBytes,
            `${partition.fileSystem} of partition ${partition.number}`,
          );
        });
      }
    signal?.throwIfAborted();
    if (script !== undefined) {
      await writeTable(script, disk, fresh);
      await writeBootCode(handle, files, manifest, bytes);
    }
    // Whatever wrote behind the end would have made it longer.
    const { size } = await handle.stat();
    if (size !== bytes) throw new DamagedBackupError(`expected a disk of ${bytes} bytes, but the backup wrote ${size}`);
    return {
      bytes,
      ...(resized && { resized: { number: resized.number, bytes: resized.sectors * disk.sectorBytes, fits } }),
    };
  });
}

/** The table for a disk of this size; for a disk without one, what becomes of the file system on it. */
function fittedTo(bytes: number, manifest: BackupManifest, { table }: DiskFiles): Partial<FittedTable> {
  const { disk } = manifest;
  if (table === undefined)
    return bytes === disk.bytes ? {} : { resized: { number: 0, startSector: 0, sectors: bytes / disk.sectorBytes } };
  try {
    const canGrow = (number: number): boolean =>
      manifest.partitions.some((one) => one.number === number && GROWING.has(one.format));
    return fitTable(table, disk, bytes, canGrow);
  } catch (error) {
    throw error instanceof NoRoomError ? tooSmall(manifest, bytes, error.leastBytes) : error;
  }
}

/** Restores a partition to a file of its own, fits its file system to another size, and copies it to its place. */
async function restoreResized(
  store: BackupStore,
  manifest: BackupManifest,
  partition: BackupPartition,
  bytes: number,
  disk: string,
  watch: Watch,
): Promise<boolean> {
  const { sectorBytes } = manifest.disk;
  const before = partition.sectors * sectorBytes;
  const file = `${disk}-part-${partition.number}`;
  try {
    await restorePartition(store, manifest, partition.number, file, watch);
    const fits = await fitFileSystem(partition.format, file, before, bytes);
    const place = [`seek=${partition.startSector * sectorBytes}`, 'oflag=seek_bytes', 'conv=sparse,notrunc'];
    await runProgram('dd', [`if=${file}`, `of=${disk}`, 'bs=64K', 'status=none', ...place], { signal: watch.signal });
    return fits;
  } finally {
    await rm(file, { force: true });
  }
}

function tooSmall({ id, client, disk }: BackupManifest, bytes: number, least: number, whose = 'the partitions'): Error {
  return new ManagementError(
    `expected a disk of at least ${Math.ceil(least / MIB)}MiB for ${whose} in backup ${id} of ${client}, whose disk had ${disk.bytes / MIB}MiB, got ${bytes / MIB}MiB`,
  );
}

async function writeTable(script: string, { sectorBytes }: BackupManifest['disk'], file: string): Promise<void> {
  const keep = ['--wipe', 'never', '--wipe-partitions', 'never'];
  const sectors = sectorBytes === 512 ? [] : ['--sector-size', String(sectorBytes)];
  await runProgram('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', ...keep, ...sectors, file], {
    input: script,
  });
}

/** What lies around the table: the MBR's code, and a boot loader's between the table and the first partition. */
async function writeBootCode(
  handle: FileHandle,
  { table = '', boot }: DiskFiles,
  { disk }: BackupManifest,
  bytes: number,
): Promise<void> {
  // On a disk of the same size, the MBR may hold what sfdisk does not dump: cylinders, or a table beside the GPT.
  await handle.write(boot, 0, Math.min(boot.length, bytes === disk.bytes ? disk.sectorBytes : BOOT_CODE_BYTES), 0);
  const begin = tableSectors(table, disk) * disk.sectorBytes;
  const end = Math.min(boot.length, (firstSector(table) ?? Infinity) * disk.sectorBytes, bytes);
  if (end > begin) await handle.write(boot, begin, end - begin, begin);
}
