import { constants, lstat, open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { isBelow } from './is-below.ts';

/** Why a path gives no file, in words that a log and a client may have: no path of the host is in it. */
export interface Refused {
  readonly refused: 'not-found' | 'forbidden';
  readonly reason: string;
}

/** A regular file that lies below its root. The caller closes the handle. */
export interface ConfinedFile {
  /** Where it really is, without links. */
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Opens a regular file for reading when it really lies below `root`: links are followed as far as they stay inside, and
 * a FIFO, socket or device is refused without waiting for it. What was opened is what is judged, by the kernel's word
 * on the open descriptor, so that a link or folder that somebody exchanges meanwhile opens nothing else. `root` is
 * without links itself; `shown` names the path in reasons.
 */
export async function openConfined(root: string, path: string, shown: string): Promise<ConfinedFile | Refused> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    // Before it is opened: a device may do something when it is.
    const refused = isBelow(root, real) ? notAFile(await stat(real), shown) : leadsOut(shown);
    if (refused) return refused;
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const opened = await readlink(`/proc/self/fd/${handle.fd}`);
    const after = isBelow(root, opened) ? notAFile(await handle.stat(), shown) : leadsOut(shown);
    if (after === undefined) return { path: opened, handle };
    await handle.close();
    return after;
  } catch (error) {
    await handle?.close();
    return unreachable(error, path, shown);
  }
}

/** Why a path below `root` would give a client neither file nor folder; undefined when it does. */
export async function refusalOf(root: string, path: string, shown: string): Promise<Refused | undefined> {
  try {
    const real = await realpath(path);
    if (!isBelow(root, real)) return leadsOut(shown);
    const entry = await stat(real);
    return entry.isDirectory() ? undefined : notAFile(entry, shown);
  } catch (error) {
    return unreachable(error, path, shown);
  }
}

export function leadsOut(shown: string): Refused {
  return { refused: 'forbidden', reason: `${shown} leads out of the root folder by a link` };
}

/** What an error of the file system says about a name; other errors are thrown on. */
export async function unreachable(error: unknown, path: string, shown: string): Promise<Refused> {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') {
    const dangling = await lstat(path).then(
      (entry) => entry.isSymbolicLink(),
      () => false,
    );
    return { refused: 'not-found', reason: dangling ? `${shown} is a dangling link` : `${shown} does not exist` };
  }
  if (code === 'ENOTDIR') return { refused: 'not-found', reason: `${shown} is not a folder` };
  if (code === 'ELOOP') return { refused: 'not-found', reason: `${shown} is a link that leads to itself` };
  if (code === 'EACCES' || code === 'EPERM')
    return { refused: 'forbidden', reason: `${shown} is not readable for this server (${code})` };
  throw error;
}

function notAFile(entry: Stats, shown: string): Refused | undefined {
  return entry.isFile()
    ? undefined
    : { refused: 'forbidden', reason: `${shown} is ${kindOf(entry)}, and only files are served` };
}

/** What a file system's entry is when links have been followed, with its article. */
export function kindOf(entry: Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>): string {
  if (entry.isFile()) return 'a file';
  if (entry.isDirectory()) return 'a folder';
  if (entry.isFIFO()) return 'a FIFO';
  return entry.isSocket() ? 'a socket' : 'a device';
}
