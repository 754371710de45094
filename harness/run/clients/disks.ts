import { execa } from 'execa';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDiskImage } from '#qemu-wrapper/disk-images';
import { DISK_IMAGE_FILE } from '../../../vm-images/bundle-contents.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { ClientPlan, VmPlan } from '../../plan/plan.ts';

const MIB = 2 ** 20;

/** A disk as QEMU opens it; its file is private to the lab and is gone with it. */
export interface DiskFile {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
}

/** Folders of bundles, by their names. */
export type BundleFolders = ReadonlyMap<string, string>;

/**
 * Makes the disk that a client brings: an empty one is a sparse raw file. One that holds something at power-on is a layer above
 * what it holds, which so stays as it is and is never copied.
 */
export async function makeDisk(client: VmPlan, folders: BundleFolders): Promise<void> {
  const { file, format } = ownDisk(client);
  const begins = diskImageFile(client, folders);
  if (begins !== undefined) {
    const image = await readDiskImage(begins);
    const bytes = Math.max(image.bytes, (client.diskMiB ?? 0) * MIB);
    await execa('qemu-img', ['create', '-q', '-f', format, '-b', begins, '-F', image.format, file, String(bytes)]);
  } else if (client.diskMiB !== undefined && client.diskOf === undefined) {
    await writeFile(file, '');
    await truncate(file, client.diskMiB * MIB);
  }
}

/** The disk that a client brings. */
export function ownDisk(client: ClientPlan): DiskFile {
  return client.plays === undefined && client.diskImage !== undefined
    ? { file: `${RUN_FOLDER}/${client.name}.qcow2`, format: 'qcow2' }
    : { file: `${RUN_FOLDER}/${client.name}.disk`, format: 'raw' };
}

/** The file of what a client's disk holds at power-on; undefined for an empty disk, and one of another client. */
export function diskImageFile({ diskImage }: VmPlan, folders: BundleFolders): string | undefined {
  if (diskImage === undefined) return undefined;
  if ('file' in diskImage) return diskImage.file;
  const folder = folders.get(diskImage.bundle);
  if (folder === undefined) throw new Error(`bundle ${diskImage.bundle} was not built before its disk was wanted`);
  return join(folder, DISK_IMAGE_FILE);
}

/** Whether a VM has a disk at all. */
export function hasDisk({ diskMiB, diskImage, diskOf }: VmPlan): boolean {
  return diskMiB !== undefined || diskImage !== undefined || diskOf !== undefined;
}

/** A disk that begins as `below` and takes what is written, so that `below`, of any format that QEMU reads, stays as it is. */
export async function layerOn(
  below: { readonly file: string; readonly format: string },
  name: string,
): Promise<DiskFile> {
  const file = `${RUN_FOLDER}/${name}.qcow2`;
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', below.file, '-F', below.format, file]);
  return { file, format: 'qcow2' };
}

/** The disk as a raw file, for programs that know no layers: itself, or a sparse copy. */
export async function rawDisk(disk: DiskFile, copy: string): Promise<string> {
  if (disk.format === 'raw') return disk.file;
  await execa('qemu-img', ['convert', '-q', '-f', disk.format, '-O', 'raw', disk.file, copy]);
  return copy;
}
