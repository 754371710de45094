import { existsSync } from 'node:fs';
import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../vm-images/cache-folder.mjs';
import { UsageError } from './usage-error.ts';

/**
 * Checks that a folder can be made at `path`, before anything is started: a run must not end without a place for its
 * report. Node's recursive mkdir tries for ever where a file system makes no folders, as /proc.
 */
export async function assertFolderCanBeMade(option: string, path: string): Promise<void> {
  const { nearest, isDirectory } = await nearestEntry(path);
  if (!isDirectory) throw unusable(option, path, `${nearest} is no folder`);
  try {
    await rmdir(await mkdtemp(join(nearest, '.pxewright-')));
  } catch (error) {
    throw unusable(
      option,
      path,
      `no folder can be made in ${nearest} (${(error as NodeJS.ErrnoException).code ?? ''})`,
    );
  }
}

/** Checks that a file can be made at `path`, or takes the place of the one that is there. */
export async function assertFileCanBeMade(option: string, path: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isDirectory()) throw new UsageError(`${option}: expected a file to write, got ${path}: a folder`);
  await assertFolderCanBeMade(option, dirname(path));
}

/** Checks that the cache of what VMs boot is there, or can be made. One that is there may be complete, and read-only. */
export async function assertCacheCanBeMade(): Promise<void> {
  if (!existsSync(cacheFolder())) await assertFolderCanBeMade('cache (PXEWRIGHT_CACHE)', cacheFolder());
}

/** The path itself, or the last of its parents that exists. */
async function nearestEntry(path: string): Promise<{ readonly nearest: string; readonly isDirectory: boolean }> {
  const entry = await stat(path).catch(() => undefined);
  return entry || dirname(path) === path
    ? { nearest: path, isDirectory: entry?.isDirectory() ?? false }
    : nearestEntry(dirname(path));
}

function unusable(option: string, path: string, why: string): UsageError {
  return new UsageError(`${option}: expected a folder, or a path where one can be made, got ${path}: ${why}`);
}
