import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LATEST_LINK, RUN_FOLDER_NAME, RUN_FILES } from './file-names.ts';

/** Folders below `out` that have a run's name, newest first; absolute where `out` is. Links are not followed. */
export async function runFolders(out: string): Promise<string[]> {
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && RUN_FOLDER_NAME.test(entry.name))
    .map(({ name }) => join(out, name))
    .sort(newestFirst);
}

/** The newest run below `out`, by folder or by the link `latest`, that has left `file`; undefined when there is none. */
export async function newestRun(out: string, file: string = RUN_FILES.result): Promise<string | undefined> {
  const linked = await realpath(join(out, LATEST_LINK)).catch(() => undefined);
  const runs = [...(await runFolders(out)), ...(linked === undefined ? [] : [linked])].sort(newestFirst);
  return runs.find((run) => existsSync(join(run, file)));
}

/**
 * Lets `latest` beside a run's folder point at it. The new link takes the old one's place in one step: a reader never
 * finds none. Relative, so that the folder may be moved, or mounted elsewhere.
 */
export async function linkLatest(runFolder: string): Promise<void> {
  const temporary = join(dirname(runFolder), `.${LATEST_LINK}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await symlink(basename(runFolder), temporary);
    await rename(temporary, join(dirname(runFolder), LATEST_LINK));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Names begin with the time in ISO 8601. */
function newestFirst(a: string, b: string): number {
  return Number(basename(a) < basename(b)) - Number(basename(a) > basename(b));
}
