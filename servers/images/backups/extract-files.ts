import type { Stats } from 'node:fs';
import { lstat, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { isBelow } from '../../service/is-below.ts';
import { ManagementError } from '../../state/management-error.ts';
import { linkTarget, relativePath, unshareable, unusable } from './extract-rules.ts';
import { fileSink, keepFacts } from './file-sink.ts';
import { makeOutputFolder } from './output-folder.ts';
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
  /** Hears how much of the files has been read; what could not be read is read again. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes files, folders, links and streams below the folder `target`, each under its whole path, with its modification
 * time and its permissions; without owners, set-user-id bits and devices. Nothing is written elsewhere: neither `..` in a
 * name nor a link, of the backup or in the target, leads out of the folder. No file stays of which a part could not be read.
 * What cannot be written is left out, and the rest is written all the same.
 */
export async function extractTo(
  volume: Volume,
  wanted: ReadonlySet<VolumeEntry>,
  target: string,
  scratch: string,
  { overwrite, forEverybody, onProgress, signal }: ExtractChoices,
): Promise<Extracted[]> {
  const shared = (entry: VolumeEntry): VolumeEntry =>
    forEverybody ? { ...entry, mode: entry.type === 'folder' ? 'drwxr-xr-x' : '-rw-r--r--' } : entry;
  await makeOutputFolder(target);
  const root = path.resolve(target);
  const outcomes = new Map<VolumeEntry, Extracted>();
  const leaveOut = (entry: VolumeEntry, leftOut: string): void => void outcomes.set(entry, { entry, leftOut });
  const places = new Map<VolumeEntry, string>();
  for (const [place, entries] of Map.groupBy(wanted, relativePath))
    for (const entry of entries) {
      const reason =
        unusable(entry) ??
        (forEverybody ? unshareable(entry) : undefined) ??
        (entries.length > 1 ? SAME_NAME : undefined);
      if (reason === undefined) places.set(entry, path.join(root, place));
      else leaveOut(entry, reason);
    }
  if (!overwrite) await insistOnRoom(target, places);

  const placesOf = (type: VolumeEntry['type']) =>
    [...places].filter(([entry]) => entry.type === type && outcomes.get(entry)?.leftOut === undefined);
  /** Does what makes an entry; one for which it cannot be done is left out. */
  const attempt = async (entry: VolumeEntry, work: () => Promise<string | undefined>): Promise<void> => {
    const reason = await work().catch(refusalOf);
    if (reason !== undefined) leaveOut(entry, reason);
  };
  for (const [entry, file] of places)
    await attempt(entry, async () => {
      const reason = await inTheWay(root, entry, file);
      if (reason === undefined && entry.type === 'folder') outcomes.set(entry, { entry, file });
      return reason;
    });

  const targets = new Map<VolumeEntry, Buffer>();
  const total = placesOf('file').reduce((sum, [{ bytes }]) => sum + bytes, 0);
  let readBytes = 0;
  const unread = await readFiles(
    volume,
    new Set([...placesOf('file'), ...placesOf('link')].map(([entry]) => entry)),
    scratch,
    async (entry) => {
      if (entry.type === 'link') return linkSink((link) => targets.set(entry, link));
      const file = places.get(entry) ?? '';
      const at = forEverybody ? path.join(path.dirname(file), PARTIAL) : file;
      let sink = NOWHERE;
      await attempt(entry, async () => {
        const written = (sha256: string): void => void outcomes.set(entry, { entry, file, sha256 });
        sink = await fileSink(shared(entry), { file, at, overwrite }, written);
        return undefined;
      });
      const opened = sink;
      return {
        ...opened,
        write: (chunk) => {
          readBytes += chunk.length;
          onProgress?.(readBytes, total);
          return opened.write(chunk);
        },
      };
    },
    signal,
  );
  for (const [entry, reason] of unread) leaveOut(entry, reason);
  // Links come after all files, so that no file is written through one; folders' times come last, since all of this changes them.
  for (const [entry, file] of placesOf('link'))
    await attempt(entry, async () => {
      const content = targets.get(entry);
      const link = content === undefined ? entry : { ...entry, target: content.toString() };
      const reason = unusable(link) ?? (await inTheWay(root, entry, file));
      if (reason !== undefined) return reason;
      if (overwrite) await rm(file, { force: true });
      await symlink(content ?? linkTarget(link), file);
      outcomes.set(entry, { entry: link, file });
      return undefined;
    });
  for (const [entry, file] of placesOf('folder').toReversed()) await keepFacts(shared(entry), file);
  return [...wanted].flatMap((entry) => outcomes.get(entry) ?? []);
}

const SAME_NAME = 'another entry has its name, as 7-Zip shows them (a line break as _), and nobody can tell them apart';

/** Throws when anything is where a file or link goes. */
async function insistOnRoom(target: string, places: ReadonlyMap<VolumeEntry, string>): Promise<void> {
  const files = [...places].filter(([{ type }]) => type !== 'folder').map(([, file]) => file);
  const found = await Promise.all(
    files.map((file) =>
      lstat(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  const taken = found.flat();
  if (taken.length > 0)
    throw new ManagementError(
      `expected a folder in which nothing is in the way, got ${target}, which has ${taken.slice(0, 3).join(', ')}${taken.length > 3 ? ', …' : ''}; --overwrite replaces them`,
    );
}

/** Makes the folders of an entry, and says what of the target is in its way. */
async function inTheWay(root: string, { type }: VolumeEntry, file: string): Promise<string | undefined> {
  const other = await makeFolders(root, type === 'folder' ? file : path.dirname(file));
  if (other !== undefined) return `${other} in the target is no folder`;
  return type !== 'folder' && (await statsOf(file))?.isDirectory() === true ? 'a folder is in its place' : undefined;
}

/** Makes the folders from `root` down to `folder`, which is below it; what is there and is no folder, such as a link, is returned. */
export async function makeFolders(root: string, folder: string): Promise<string | undefined> {
  if (!isBelow(root, folder)) throw new Error(`expected a folder below ${root}, got ${folder}`);
  let at = root;
  for (const part of path.relative(root, folder).split('/').filter(Boolean)) {
    at = path.join(at, part);
    const stats = await statsOf(at);
    // Another recovery may make the same one.
    if (stats === undefined) await mkdir(at, { recursive: true });
    else if (!stats.isDirectory()) return path.relative(root, at);
  }
  return undefined;
}

async function statsOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Errors of a file system that concern one entry: others of the same extraction can be written. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'its path is too long for the target',
  EEXIST: 'something is in its place',
  EACCES: 'the target does not permit it',
  EPERM: 'the file system of the target does not allow it',
  EINVAL: 'the file system of the target has no such name',
  EILSEQ: 'the file system of the target has no such name',
};

/** Why the target has no place for one entry; errors that concern all of them are thrown on. */
function refusalOf(error: unknown): string {
  const reason = REFUSALS[codeOf(error)];
  if (reason === undefined) throw error;
  return `${reason} (${codeOf(error)})`;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** Name of a file on the share that is not complete: one at a time is written. */
const PARTIAL = '.recovered.partial';

/** For the content of a file that has no place. */
const NOWHERE: Sink = {
  write: () => Promise.resolve(),
  end: () => Promise.resolve(),
  discard: () => Promise.resolve(),
};

/** Linux's PATH_MAX: the bytes of a link's target and one more. */
const LONGEST_TARGET = 4096;

/** Collects the content of a link of ext4, which is its target: the listing has `_` for a line break. */
function linkSink(read: (target: Buffer) => void): Promise<Sink> {
  let target = Buffer.alloc(0);
  return Promise.resolve({
    ...NOWHERE,
    write: (chunk) => {
      // One that is longer is refused when the link is made.
      target = Buffer.concat([target, chunk]).subarray(0, LONGEST_TARGET);
      return Promise.resolve();
    },
    end: () => {
      read(target);
      return Promise.resolve();
    },
  });
}
