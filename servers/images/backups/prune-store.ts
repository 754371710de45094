import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { nameOf, type Backup } from './catalogue.ts';
import { DamagedBackupError, restic, type BackupStore } from './restic.ts';

/** What pruning did to the folder of the store. */
export interface Pruned {
  readonly freedBytes: number;
  /** Files that the REST server began and never finished, below the folder. */
  readonly temporaryFiles: readonly string[];
}

/**
 * Removes whole backups, then all data that no snapshot names. The manifests go first, so that a cut in the middle leaves
 * nothing that passes for a backup. Keeps everybody else out of the store meanwhile.
 */
export async function pruneStore(
  store: BackupStore,
  backups: readonly Backup[],
  {
    nowMs,
    unfinishedMs,
    retryLockMs = 0,
  }: { readonly nowMs: number; readonly unfinishedMs: number; readonly retryLockMs?: number | undefined },
): Promise<Pruned> {
  const retry = `--retry-lock=${retryLockMs}ms`;
  const before = await folderBytes(store.folder);
  await forget(
    store,
    retry,
    backups.flatMap(({ manifestSnapshot }) => manifestSnapshot?.id ?? []),
  );
  await forget(
    store,
    retry,
    backups.flatMap(({ partitionSnapshots }) => partitionSnapshots.map(({ id }) => id)),
  );
  await restic(store, ['prune', retry]).catch((error: unknown) => {
    if (error instanceof DamagedBackupError && backups.length > 0)
      error.message += `; removed before that: ${backups.map(nameOf).join(', ')}; their data stay until a prune comes to its end`;
    throw error;
  });
  const temporaryFiles = await oldTemporaryFiles(store, nowMs - unfinishedMs);
  for (const file of temporaryFiles) await rm(path.join(store.folder, file), { force: true });
  return { freedBytes: before - (await folderBytes(store.folder)), temporaryFiles };
}

/** Removes locks whose program is gone; those of programs that run stay. */
export async function removeStaleLocks(store: BackupStore): Promise<void> {
  await restic(store, ['unlock']);
}

/** What restic-rest-server writes to before it renames: it stays when the server or its client is killed. */
const TEMPORARY = /\.rest-server-temp/;

/** Such files older than this, below the folder of the store. */
export async function oldTemporaryFiles({ folder }: BackupStore, beforeMs: number): Promise<string[]> {
  const found = (await readdir(folder, { recursive: true })).filter((file) => TEMPORARY.test(path.basename(file)));
  const isOld = await Promise.all(
    found.map(async (file) => {
      const stats = await stat(path.join(folder, file)).catch(() => undefined);
      return stats !== undefined && stats.mtimeMs < beforeMs;
    }),
  );
  return found.filter((_, index) => isOld[index]);
}

/** restic's forget ends with 0 when it may not remove something, and says so on standard error alone. */
async function forget(store: BackupStore, retry: string, snapshots: readonly string[]): Promise<void> {
  if (snapshots.length === 0) return;
  const { stderr } = await restic(store, ['forget', retry, ...snapshots]);
  const refused = stderr.split('\n').filter((line) => /unable to remove|failed|403/i.test(line));
  if (refused.length > 0) throw new Error(`restic forget removed less than it was asked to: ${refused.join(' | ')}`);
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name)).catch(() => ({ size: 0 }))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
