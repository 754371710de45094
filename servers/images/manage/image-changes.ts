import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { openImageStore, sameImage, type ImageEntry } from '../../state/image-store.ts';
import { ManagementError } from '../../state/management-error.ts';
import { syncFolder } from '../../state/sync-folder.ts';
import { addToGroup } from '../wim/image-group.ts';
import { replaceFile } from '../wim/replace-file.ts';
import { verifyWim } from '../wim/verify-wim.ts';
import { whatToDo } from '../wim/problem.ts';
import { fileOf } from './image-listing.ts';

/** An image that must not come into the store: it is damaged. */
class ImageRefusedError extends Error {
  override readonly name = 'ImageRefusedError';
}

/** What to add, and how. */
export interface NewImage {
  readonly file: string;
  readonly group: string;
  /** File name in the group; default: that of the file. */
  readonly as?: string | undefined;
  readonly singleInstance?: boolean | undefined;
  readonly replace?: boolean | undefined;
  readonly entry: Omit<ImageEntry, 'path'>;
}

/**
 * Checks an image and copies it into its group. It appears whole or not at all: what is written has another name until
 * it is complete and on the disk. Returns its path below the share.
 */
export async function addImage(root: string, state: string, image: NewImage): Promise<string> {
  const { file, singleInstance = false, replace = false } = image;
  const name = image.as ?? path.basename(file);
  if (!/^[^\\/:*?"<>|\p{Cc}]{1,80}\.wim$/iu.test(name))
    throw new ManagementError(
      `expected a file name that ends in .wim, got ${JSON.stringify(name)} (--as gives another one)`,
    );
  if (singleInstance && replace)
    throw new ManagementError('expected --replace or --single-instance, got both: remove the image first, then add it');
  const images = path.join(root, (await nameOnDisk(root, 'Images')) ?? 'Images');
  const group = (await nameOnDisk(images, image.group)) ?? image.group;
  const folder = path.join(images, group);
  const present = await nameOnDisk(folder, name);
  if (present !== undefined && !replace)
    throw new ManagementError(
      `expected a name that is not taken, got ${path.win32.join('Images', group, present)}; --replace puts the new image in its place, --as gives another name`,
    );
  await assertSound(file);
  const { size } = await stat(file);
  await mkdir(folder, { recursive: true });
  await assertRoom(folder, size);
  const imagePath = path.win32.join(path.basename(images), group, present ?? name);
  const target = fileOf(root, imagePath);
  try {
    if (singleInstance) await addToGroup(folder, [{ file, name }]);
    else {
      await replaceFile(target, async (handle) => {
        await handle.writeFile(createReadStream(file));
        await handle.sync();
      });
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    throw noRoom(folder, size, await freeBytes(folder), error);
  }
  await syncFolder(folder);
  await openImageStore(state).update((all) => [
    ...all.filter((other) => !sameImage(other.path, imagePath)),
    { ...image.entry, path: imagePath },
  ]);
  return imagePath;
}

/** Takes an image out of the store. A client that reads it now may finish: its open file stays. */
export async function removeImage(root: string, state: string, imagePath: string): Promise<void> {
  const file = fileOf(root, imagePath);
  await rm(file);
  await syncFolder(path.dirname(file));
  await openImageStore(state).update((all) => all.filter((other) => !sameImage(other.path, imagePath)));
}

async function assertSound(file: string): Promise<void> {
  await stat(file).catch(() => {
    throw new ManagementError(`expected an image file, got ${file}, which does not exist`);
  });
  const { problems, images } = await verifyWim(file);
  if (problems.length > 0)
    throw new ImageRefusedError(
      [
        `${file}: not added, it is damaged:`,
        ...problems.map(
          ({ problem, expected, got }) => `  ${problem}: expected ${expected}, got ${got}; ${whatToDo(problem)}`,
        ),
      ].join('\n'),
    );
  if (images.length === 0)
    throw new ImageRefusedError(`${file}: not added, expected at least one image in it, got none`);
}

/**
 * A name as the folder has it, whatever its case: SMB clients see no difference, and could not tell two such names
 * apart.
 */
async function nameOnDisk(folder: string, name: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  return names.find((other) => other.toLowerCase() === name.toLowerCase());
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function assertRoom(folder: string, size: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < size) throw noRoom(folder, size, free);
}

function noRoom(folder: string, size: number, free: number, cause?: unknown): Error {
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return new Error(
    `${folder}: the image has ${mib(size)}, and ${mib(free)} are free; nothing was changed (a lab keeps its files in memory: PXEWRIGHT_LAB_MEMORY raises the limit, services.state keeps them on a disk)`,
    { cause },
  );
}
