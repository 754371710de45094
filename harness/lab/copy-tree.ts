import { constants, copyFile, lstat, mkdir, readdir, readlink, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { execa } from 'execa';
import { isBelow } from '../../servers/service/is-below.ts';

/**
 * Copies a file, or a folder with everything below it, to `path` below `root`. A link to something inside the source
 * becomes a copy of it. A link that leads out of the source, or nowhere, stays a link, and a FIFO, socket or device is
 * made anew: the service refuses each of these when a client asks for it, so that it serves nothing else of the host.
 */
export async function copyTree(source: string, root: string, path: string): Promise<void> {
  const real = await realpath(source).catch((error: unknown) => {
    throw unreadable(source, error);
  });
  const target = join(root, path);
  await makeWay(root, path);
  if (!(await stat(real)).isDirectory()) {
    await copyOne(real, target);
    return;
  }
  await mkdir(target, { recursive: true });
  await copyFolder(real, target, { source: real, above: [] });
}

interface Copying {
  /** The whole source, without links. */
  readonly source: string;
  /** Folders that are being copied, outermost first: a link to one of them has no end. */
  readonly above: readonly { readonly from: string; readonly to: string }[];
}

async function copyFolder(from: string, to: string, copying: Copying): Promise<void> {
  const inside = { ...copying, above: [...copying.above, { from, to }] };
  const names = await readdir(from).catch((error: unknown) => {
    throw unreadable(from, error);
  });
  for (const name of names) {
    const [source, target] = [join(from, name), join(to, name)];
    const isLink = (await lstat(source)).isSymbolicLink();
    const real = isLink ? await realpath(source).catch(() => undefined) : source;
    await clear(target);
    if (real === undefined) await symlink(await readlink(source), target);
    else if (!isBelow(copying.source, real)) await symlink(real, target);
    else await copyInside(real, target, inside);
  }
}

async function copyInside(real: string, target: string, copying: Copying): Promise<void> {
  const entry = await stat(real);
  if (!entry.isDirectory()) {
    await copyOne(real, target);
    return;
  }
  const endless = copying.above.find(({ from }) => from === real);
  if (endless === undefined) {
    await mkdir(target, { recursive: true });
    await copyFolder(real, target, copying);
  } else await symlink(relative(dirname(target), endless.to) || '.', target);
}

async function copyOne(real: string, target: string): Promise<void> {
  if ((await stat(real)).isFile())
    await copyFile(real, target, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw unreadable(real, error);
    });
  // mknod(2), as cp(1) does it. An ordinary user may make no device: a link to it is refused as well.
  else await execa('cp', ['--recursive', '--no-dereference', '--', real, target]).catch(() => symlink(real, target));
}

/**
 * Makes the folders above a path below `root`, and takes away what stands where it goes, unless that is a folder. A link
 * on the way is replaced by a folder: nothing is ever written through one.
 */
export async function makeWay(root: string, path: string): Promise<void> {
  const parts = path.split(sep).filter((part) => part !== '' && part !== '.');
  let at = root;
  for (const part of parts.slice(0, -1)) {
    at = join(at, part);
    if ((await lstat(at).catch(() => undefined))?.isSymbolicLink()) await rm(at);
    await mkdir(at, { recursive: true });
  }
  const last = parts.at(-1);
  if (last !== undefined) await clear(join(at, last));
}

/** Takes away what stands there, unless it is a folder. */
async function clear(path: string): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry !== undefined && !entry.isDirectory()) await rm(path);
}

/** Throws when a path below `root` would be reached through a link: it may lie outside. */
export async function assertInside(root: string, path: string): Promise<void> {
  const real = join(await realpath(root), path);
  if ((await realpath(dirname(real))) !== dirname(real))
    throw new Error(`${path}: expected a file of the tree, got one behind a link that leads out of it`);
}

/** The error in a sentence, for those that a user can do something about. */
function unreadable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Error(`${path} does not exist`, { cause: error });
  if (code === 'EACCES' || code === 'EPERM') return new Error(`${path} cannot be read (${code})`, { cause: error });
  return error as Error;
}
