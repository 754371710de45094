import { execa } from 'execa';
import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SECTOR_BYTES = 512;
/** Where a boot loader for a BIOS has its code: behind it come the disk's signature and the table of an MBR. */
const BOOT_CODE_BYTES = 440;
const MIB = 2 ** 20;

/** A disk to put together. */
export interface DiskParts {
  /** A qcow2 file. */
  readonly file: string;
  readonly mebibytes: number;
  /** Script of sfdisk(8): label, and every partition with the ids that it shall have. */
  readonly table: string;
  /** File of each partition's content, and where the partition begins in MiB. */
  readonly partitions: readonly { readonly atMiB: number; readonly content: string }[];
  /** What a BIOS starts: the sector that it loads, and what that one loads from `coreAtSector` on. */
  readonly biosLoader?: { readonly boot: string; readonly core: string; readonly coreAtSector: number };
  readonly scratch: string;
}

/** A disk of these partitions, without root and without a mount; the same parts give the same file. */
export async function assembleDisk(parts: DiskParts): Promise<void> {
  const raw = path.join(parts.scratch, 'disk.raw');
  await writeFile(raw, '');
  await truncate(raw, parts.mebibytes * MIB);
  await execa('sfdisk', ['--quiet', raw], { input: parts.table });
  for (const { atMiB, content } of parts.partitions) await copy(content, raw, MIB, atMiB);
  if (parts.biosLoader !== undefined) {
    await copy(parts.biosLoader.boot, raw, BOOT_CODE_BYTES, 0, 1);
    await copy(parts.biosLoader.core, raw, SECTOR_BYTES, parts.biosLoader.coreAtSector);
  }
  await execa('qemu-img', ['convert', '-q', '-f', 'raw', '-O', 'qcow2', raw, parts.file]);
}

/** Writes a file, or its first `count` blocks, into the disk behind `seek` blocks; where it has zeros nothing is written. */
async function copy(from: string, to: string, blockBytes: number, seek: number, count?: number): Promise<void> {
  await execa('dd', [
    `if=${from}`,
    `of=${to}`,
    `bs=${blockBytes}`,
    `seek=${seek}`,
    ...(count === undefined ? [] : [`count=${count}`]),
    'conv=notrunc,sparse',
    'status=none',
  ]);
}
