import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedState } from '#qemu-wrapper';
import { cacheFolder } from '../../../../vm-images/cache-folder.mjs';

// A saved state is a folder named by its key. It is made under another name and renamed when it is whole, so that a half
// one is never found; two runs that save the same state at once leave the first one's.

const STATE = 'state';
const ABOUT = 'about.json';
/** Of a folder that is being made. */
const DRAFT = '.draft-';
/** 2 to 40 MiB each. */
const MAX_BYTES = 2 ** 30;
/** A draft of a run that was killed. */
const STALE_DRAFT_MS = 3_600_000;

/** What a saved state is of, for people, and by what it is recognised as whole. */
export interface AboutState {
  readonly savedAt: string;
  readonly firmware: string;
  readonly nic: string;
  readonly mac: string;
  readonly qemu: string;
  readonly sha256: string;
  readonly serialSha256: readonly string[];
}

export const statesFolder = (): string => join(cacheFolder(), 'warm');

export type FoundState = { readonly state: SavedState; readonly about: AboutState } | { readonly damaged: string };

/** The saved state of that name, checked byte by byte; undefined when there is none. What is damaged is removed. */
export async function findState(key: string, folder: string = statesFolder()): Promise<FoundState | undefined> {
  const own = join(folder, key);
  try {
    await stat(own);
  } catch {
    return undefined;
  }
  try {
    const about = JSON.parse(await readFile(join(own, ABOUT), 'utf8')) as AboutState;
    const file = join(own, STATE);
    const bytes = await readFile(file);
    if (sha256(bytes) !== about.sha256) throw new Error(`its ${bytes.length} bytes are not those that were saved`);
    const serialLogs = await Promise.all(about.serialSha256.map((_, port) => readFile(join(own, serialName(port)))));
    if (serialLogs.some((log, port) => sha256(log) !== about.serialSha256[port]))
      throw new Error('the log of a serial port is not the one that was saved');
    const now = new Date();
    // The one that was used last is removed last.
    await utimes(own, now, now).catch(() => undefined);
    return { state: { file, serialLogs }, about };
  } catch (error) {
    await removeState(key, folder);
    return { damaged: error instanceof Error ? error.message : String(error) };
  }
}

export async function removeState(key: string, folder: string = statesFolder()): Promise<void> {
  await rm(join(folder, key), { recursive: true, force: true });
}

/** Keeps a state under that name, unless another run was faster. */
export async function keepState(
  key: string,
  { file, serialLogs }: SavedState,
  about: Omit<AboutState, 'savedAt' | 'sha256' | 'serialSha256'>,
  folder: string = statesFolder(),
): Promise<void> {
  const draft = join(folder, `${DRAFT}${randomUUID()}`);
  await mkdir(draft, { recursive: true });
  try {
    await copyFile(file, join(draft, STATE));
    await Promise.all(serialLogs.map((log, port) => writeFile(join(draft, serialName(port)), log)));
    const whole: AboutState = {
      savedAt: new Date().toISOString(),
      ...about,
      sha256: sha256(await readFile(file)),
      serialSha256: serialLogs.map(sha256),
    };
    await writeFile(join(draft, ABOUT), `${JSON.stringify(whole)}\n`);
    await rename(draft, join(folder, key)).catch((error: unknown) => {
      const isThere = error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST'].includes(String(error.code));
      if (!isThere) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeOldest(folder, MAX_BYTES);
}

/** Removes states until they take no more than so many bytes, those first that were not used for longest. */
export async function removeOldest(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder);
  const found = await Promise.all(names.map(async (name) => ({ name, ...(await sizeOf(join(folder, name))) })));
  let bytes = 0;
  for (const { name, usedMs, size } of found.toSorted((a, b) => b.usedMs - a.usedMs)) {
    bytes += size;
    const isDraft = name.startsWith(DRAFT);
    if (isDraft ? Date.now() - usedMs > STALE_DRAFT_MS : bytes > maxBytes) await removeState(name, folder);
  }
}

async function sizeOf(folder: string): Promise<{ readonly usedMs: number; readonly size: number }> {
  try {
    const { mtimeMs } = await stat(folder);
    return { usedMs: mtimeMs, size: (await stat(join(folder, STATE))).size };
  } catch {
    // Another run has just removed it, or has not written it yet.
    return { usedMs: Date.now(), size: 0 };
  }
}

const serialName = (port: number): string => `serial${port}.log`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
