import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { isBelow } from '../../service/is-below.ts';
import { ManagementError } from '../../state/management-error.ts';
import { readFiles, type Sink, type Volume } from './volume.ts';
import type { VolumeEntry } from './volume-listing.ts';

/** What became of an entry that was asked for. */
export interface Extracted {
  readonly entry: VolumeEntry;
  /** Where it is now; absent when it was left out. */
  readonly file?: string;
  /** Of a file that was written: the SHA-256 of what the backup has. */
  readonly sha256?: string;
  /** Why it was left out, in words. */
  readonly leftOut?: string;
}

interface ExtractChoices {
  /** Replaces files that are there; otherwise they are an error, and nothing is written. */
  readonly overwrite: boolean;
  /**
   * For the image share: everybody may read all of it, instead of the permissions that it had; a file is there when it is complete, since
   * somebody may be reading; names that no share has are left out.
   */
  readonly forEverybody: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes files, folders, links and streams below the folder `target`, each under its whole path, with its modification
 * time and its permissions; without owners, set-user-id bits and devices. Nothing is written elsewhere: neither `..` in a
 * name nor a link, of the backup or in the target, leads out of the folder. No file stays of which a part could not be read.
 */
export async function extractTo(
  volume: Volume,
  wanted: ReadonlySet<VolumeEntry>,
  target: string,
  scratch: string,
  { overwrite, forEverybody, signal }: ExtractChoices,
): Promise<Extracted[]> {
  const shared = (entry: VolumeEntry): VolumeEntry =>
    forEverybody ? { ...entry, mode: entry.type === 'folder' ? 'drwxr-xr-x' : '-rw-r--r--' } : entry;
  await mkdir(target, { recursive: true });
  const root = path.resolve(target);
  const outcomes = new Map<VolumeEntry, Extracted>();
  const leaveOut = (entry: VolumeEntry, leftOut: string): void => void outcomes.set(entry, { entry, leftOut });
  const places = new Map<VolumeEntry, string>();
  for (const entry of wanted) {
    const reason = unusable(entry) ?? (forEverybody ? unshareable(entry) : undefined);
    if (reason === undefined) places.set(entry, path.join(root, relativePath(entry)));
    else leaveOut(entry, reason);
  }
  const taken = overwrite ? [] : await existing([...places].filter(([{ type }]) => type !== 'folder'));
  if (taken.length > 0)
    throw new ManagementError(
      `expected a folder in which nothing is in the way, got ${target}, which has ${taken.slice(0, 3).join(', ')}${taken.length > 3 ? ', …' : ''}; --overwrite replaces them`,
    );
  const ofType = (type: VolumeEntry['type']) => [...places].filter(([entry]) => entry.type === type);
  const place = async (entry: VolumeEntry, file: string): Promise<boolean> => {
    const inTheWay = await makeFolders(root, entry.type === 'folder' ? file : path.dirname(file));
    if (inTheWay !== undefined) leaveOut(entry, `${inTheWay} in the target is no folder`);
    return inTheWay === undefined;
  };
  for (const [entry, file] of ofType('folder')) if (await place(entry, file)) outcomes.set(entry, { entry, file });
  const files = new Set<VolumeEntry>();
  for (const [entry, file] of ofType('file'))
    if (await place(entry, file)) {
      files.add(entry);
      outcomes.set(entry, { entry, file });
    }
  const unread = await readFiles(
    volume,
    files,
    scratch,
    (entry) => {
      const file = places.get(entry) ?? '';
      const at = forEverybody ? path.join(path.dirname(file), PARTIAL) : file;
      return fileSink(shared(entry), { file, at, overwrite }, (sha256) => outcomes.set(entry, { entry, file, sha256 }));
    },
    signal,
  );
  for (const [entry, reason] of unread) leaveOut(entry, reason);
  // Links come after all files, so that no file is written through one; folders' times come last, since all of this changes them.
  for (const [entry, file] of ofType('link'))
    if (await place(entry, file)) {
      if (overwrite) await rm(file, { force: true });
      await symlink(linkTarget(entry), file);
      outcomes.set(entry, { entry, file });
    }
  for (const [entry, file] of ofType('folder').toReversed())
    if (outcomes.get(entry)?.file !== undefined) await keepFacts(shared(entry), file);
  return [...wanted].flatMap((entry) => outcomes.get(entry) ?? []);
}

/** Why an entry cannot be written, or must not be. */
function unusable(entry: VolumeEntry): string | undefined {
  const parts = relativePath(entry).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'its path leads out of the folder';
  if (/\0|\uFFFD/.test(relativePath(entry))) return 'its name has characters that no file here can have';
  if (entry.type === 'other')
    return entry.reparsePoint === undefined
      ? `it is a device, a pipe or a socket (${entry.mode ?? ''})`
      : `Windows keeps its content in a form of its own (${entry.reparsePoint})`;
  if (entry.type === 'link' && !staysInside(entry)) return `it is a link to ${entry.target ?? '?'}, which is outside`;
  return undefined;
}

/** Why a file server could give an entry to nobody, or only under another name than its list has. */
function unshareable(entry: VolumeEntry): string | undefined {
  return /[\\\r\n]/.test(relativePath(entry)) ? 'its name has a character that no name on a share has' : undefined;
}

function relativePath({ path: name, stream }: VolumeEntry): string {
  return `${name.slice(1)}${stream === undefined ? '' : `:${stream}`}`;
}

/** The target of a link; NTFS writes `\` between folders. */
function linkTarget({ target = '', mode }: VolumeEntry): string {
  return mode === undefined ? target.replaceAll('\\', '/') : target;
}

/**
 * Whether a link leads to something below the target folder. `..` counts only at its beginning: behind a name, which may
 * be a link itself, nobody knows where it leads.
 */
function staysInside(entry: VolumeEntry): boolean {
  const parts = linkTarget(entry).split('/');
  const ups = parts.findIndex((part) => part !== '..');
  const upward = ups < 0 ? parts.length : ups;
  if (/^(\/|[A-Za-z]:)/.test(linkTarget(entry)) || parts.slice(upward).includes('..')) return false;
  return upward <= relativePath(entry).split('/').length - 1;
}

async function existing(places: readonly (readonly [VolumeEntry, string])[]): Promise<string[]> {
  const found = await Promise.all(
    places.map(async ([, file]) => ((await lstat(file).catch(() => undefined)) === undefined ? [] : [file])),
  );
  return found.flat();
}

/** Makes the folders from `root` down to `folder`, which is below it; what is there and is no folder, such as a link, is returned. */
export async function makeFolders(root: string, folder: string): Promise<string | undefined> {
  if (!isBelow(root, folder)) throw new Error(`expected a folder below ${root}, got ${folder}`);
  let at = root;
  for (const part of path.relative(root, folder).split('/').filter(Boolean)) {
    at = path.join(at, part);
    const stats = await lstat(at).catch(() => undefined);
    // Another recovery may make the same one.
    if (stats === undefined) await mkdir(at, { recursive: true });
    else if (!stats.isDirectory()) return path.relative(root, at);
  }
  return undefined;
}

/** Name of a file on the share that is not complete: one at a time is written. */
const PARTIAL = '.recovered.partial';

/** Writes a file `at` a place, which then gets its name; `written` hears the SHA-256 of what was. */
async function fileSink(
  entry: VolumeEntry,
  { file, at, overwrite }: { readonly file: string; readonly at: string; readonly overwrite: boolean },
  written: (sha256: string) => void,
): Promise<Sink> {
  if (overwrite || at !== file) await rm(at, { force: true });
  const handle = await open(at, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
  const hash = createHash('sha256');
  return {
    write: (chunk) => {
      hash.update(chunk);
      return handle.writeFile(chunk);
    },
    end: async () => {
      await handle.close();
      await keepFacts(entry, at);
      if (at !== file) await rename(at, file);
      written(hash.digest('hex'));
    },
    discard: async () => {
      // Node lets a closed file be closed once more.
      await handle.close();
      await rm(at, { force: true });
      await rm(file, { force: true });
    },
  };
}

/** Gives a file or folder its permissions, where the file system has some, and its time. */
async function keepFacts({ mode, modified }: VolumeEntry, file: string): Promise<void> {
  if (mode !== undefined) await chmod(file, permissions(mode));
  const time = modified === undefined ? Number.NaN : Date.parse(modified.replace(/(\.\d{3})\d*/, '$1'));
  if (!Number.isNaN(time)) await utimes(file, time / 1000, time / 1000);
}

/** `-rwsr-x---` as a number, without set-user-id, set-group-id and sticky bits. */
function permissions(mode: string): number {
  return Number.parseInt(
    mode
      .slice(1, 10)
      .replaceAll(/[rwxst]/g, '1')
      .replaceAll(/[^1]/g, '0'),
    2,
  );
}
