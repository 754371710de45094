import { chmod, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { restic, type BackupStore } from '../backups/restic.ts';
import type { ContentFault } from './misbehaviours.ts';

/** Tries to see a lock that is there for at least 200 ms, restic's own wait before it looks for other locks. */
const LOCK_TRIES = 20;
const LOOK_MS = 5;
/** A client whose backup is complete takes its own lock away. */
const LOCK_WAIT = '10s';

/**
 * Does something wrong to the content of a store. `partitionSnapshot`: the snapshot before that of the backup's list.
 * Returns the file that it was done to, below the store's folder.
 */
export async function doFault(
  store: BackupStore,
  fault: ContentFault,
  partitionSnapshot: string | undefined,
): Promise<string> {
  switch (fault) {
    case 'damage-pack':
      return flipMiddle(store, await largestPack(store));
    case 'remove-pack':
      return remove(store, await largestPack(store));
    case 'remove-index': {
      const names = await readdir(path.join(store.folder, 'index'));
      for (const name of names) await remove(store, path.join('index', name));
      return 'index';
    }
    case 'remove-snapshot':
      if (partitionSnapshot === undefined) throw new Error('expected a backup with a partition, got one without any');
      return remove(store, path.join('snapshots', partitionSnapshot));
    case 'stale-lock':
      return leaveLock(store);
  }
}

/** The pack that holds the most, which is what was on a disk; the list of a backup is in another one. */
async function largestPack({ folder }: BackupStore): Promise<string> {
  const names = await readdir(path.join(folder, 'data'), { recursive: true });
  const packs = await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{64}$/.test(path.basename(name)))
      .map(async (name) => ({ name, bytes: (await stat(path.join(folder, 'data', name))).size })),
  );
  const [largest] = packs.toSorted((one, other) => other.bytes - one.bytes || one.name.localeCompare(other.name));
  if (largest === undefined) throw new Error('expected a store with a pack, got one without any');
  return path.join('data', largest.name);
}

async function flipMiddle({ folder }: BackupStore, name: string): Promise<string> {
  // Nobody has permission to write to a pack.
  await chmod(path.join(folder, name), 0o600);
  await using handle = await open(path.join(folder, name), 'r+');
  const at = Math.floor((await handle.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  await handle.write(Uint8Array.of((byte[0] ?? 0) ^ 0xff), 0, 1, at);
  return name;
}

async function remove({ folder }: BackupStore, name: string): Promise<string> {
  await rm(path.join(folder, name));
  return name;
}

/**
 * The exclusive lock of a program that has ended: `restic check` makes one and takes it away again, and gets it back
 * afterwards.
 */
async function leaveLock(store: BackupStore): Promise<string> {
  const locks = path.join(store.folder, 'locks');
  for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
    const before = await readdir(locks);
    let isOver = false;
    const check = restic(store, ['check', '--quiet', '--retry-lock', LOCK_WAIT], { accept: [0, 1] }).finally(
      () => (isOver = true),
    );
    const seen = await newFile(locks, before, () => isOver);
    await check;
    if (seen === undefined) continue;
    await writeFile(path.join(locks, seen.name), seen.content, { mode: 0o600 });
    return path.join('locks', seen.name);
  }
  throw new Error(`no lock of restic was seen in ${LOCK_TRIES} tries`);
}

async function newFile(
  folder: string,
  before: readonly string[],
  isOver: () => boolean,
): Promise<{ readonly name: string; readonly content: Uint8Array } | undefined> {
  while (!isOver()) {
    const name = (await readdir(folder)).find((one) => /^[0-9a-f]{64}$/.test(one) && !before.includes(one));
    // It may be gone again.
    const content = name === undefined ? undefined : await readFile(path.join(folder, name)).catch(() => undefined);
    if (name !== undefined && content !== undefined && content.length > 0) return { name, content };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return undefined;
}
