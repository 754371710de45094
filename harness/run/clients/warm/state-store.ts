import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SavedState } from '#qemu-wrapper';
import { cacheFolder } from '../../../../vm-images/cache-folder.mjs';

// A saved state is a folder named by its key. It is made under another name and renamed when it is whole, so that a half
// one is never found; two runs that save the same state at once leave the first one's.

const STATE = 'state';
const ABOUT = 'about.json';
/** Of a folder that is being made. */
const DRAFT = '.draft-';
/** 2 to 40 MiB each; the bundled matrix has 45 of them. */
const MAX_BYTES = 2 ** 31;
/** Read at once, and into the same memory again: reading all of a state takes three times the CPU time. */
const CHUNK_BYTES = 256 * 1024;
/** A draft of a run that was killed. */
const STALE_DRAFT_MS = 3_600_000;

/** What a saved state is of, for people, and by what it is recognised as whole. */
export interface AboutState {
  readonly savedAt: string;
  readonly firmware: string;
  readonly nic: string;
  readonly mac: string;
  readonly qemu: string;
  readonly bytes: number;
  /** Against damage, not against malice: who can write to the cache can write this, too. */
  readonly crc32: number;
  readonly serialCrc32: readonly number[];
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
    const { bytes, checksum } = await checksumOf(file);
    if (bytes !== about.bytes || checksum !== about.crc32)
      throw new Error(`its ${bytes} bytes are not the ${about.bytes} that were saved`);
    const serialLogs = await Promise.all(about.serialCrc32.map((_, port) => readFile(join(own, serialName(port)))));
    if (serialLogs.some((log, port) => crc32(log) !== about.serialCrc32[port]))
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
  about: Omit<AboutState, 'savedAt' | 'bytes' | 'crc32' | 'serialCrc32'>,
  folder: string = statesFolder(),
): Promise<void> {
  const draft = join(folder, `${DRAFT}${randomUUID()}`);
  await mkdir(draft, { recursive: true });
  try {
    await copyFile(file, join(draft, STATE));
    await Promise.all(serialLogs.map((log, port) => writeFile(join(draft, serialName(port)), log)));
    const { bytes, checksum } = await checksumOf(file);
    const whole: AboutState = {
      savedAt: new Date().toISOString(),
      ...about,
      bytes,
      crc32: checksum,
      serialCrc32: serialLogs.map((log) => crc32(log)),
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

async function checksumOf(file: string): Promise<{ readonly bytes: number; readonly checksum: number }> {
  await using source = await open(file, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let checksum = 0;
  for (let bytes = 0; ; ) {
    const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, bytes);
    if (bytesRead === 0) return { bytes, checksum };
    checksum = crc32(chunk.subarray(0, bytesRead), checksum);
    bytes += bytesRead;
  }
}
