import { execa } from 'execa';
import { truncate, writeFile } from 'node:fs/promises';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { ClientPlan } from '../../plan/plan.ts';

/** A disk as QEMU opens it; its file is private to the lab and is gone with it. */
export interface DiskFile {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
}

/** Makes a client's empty disk: a sparse raw file. */
export async function makeEmptyDisk(client: ClientPlan, mebibytes: number): Promise<void> {
  const { file } = emptyDisk(client);
  await writeFile(file, '');
  await truncate(file, mebibytes * 2 ** 20);
}

/** The disk that a client began with empty. */
export function emptyDisk(client: ClientPlan): DiskFile {
  return { file: `${RUN_FOLDER}/${client.name}.disk`, format: 'raw' };
}

/** A disk that begins as `below` and takes what is written, so that `below` stays as it is. */
export async function layerOn(below: DiskFile, name: string): Promise<DiskFile> {
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
