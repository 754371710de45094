import { constants, link, lstat, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { ManagementError } from '../../state/management-error.ts';

type Write<T> = (handle: FileHandle, fresh: string) => Promise<T>;

/**
 * Writes a file beside `target`, whose name `write` hears, and renames it over it when `write` is through: a reader meanwhile sees the old or
 * the new file, and a program that is killed leaves the old one. The unfinished file keeps others from changing the
 * same target.
 */
export function replaceFile<T>(target: string, write: Write<T>): Promise<T> {
  return writeBeside(target, write, (fresh) => rename(fresh, target));
}

/** The same for a file that must not be there, neither before nor when `write` is through; a link that leads nowhere is there, too. */
export async function makeFile<T>(target: string, write: Write<T>): Promise<T> {
  await expectNothing(target);
  return writeBeside(target, write, (fresh) => giveName(fresh, target));
}

async function writeBeside<T>(target: string, write: Write<T>, end: (fresh: string) => Promise<void>): Promise<T> {
  const fresh = `${target}.new`;
  const handle = await open(fresh, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644).catch(
    (error: unknown) => {
      throw notBegun(error, fresh);
    },
  );
  try {
    const written = await write(handle, fresh);
    await handle.close();
    await end(fresh);
    return written;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(fresh, { force: true });
    throw error;
  }
}

/** What a person can do about a file that cannot be begun. */
function notBegun(error: unknown, fresh: string): unknown {
  switch (codeOf(error)) {
    case 'EEXIST':
      return new ManagementError(
        `${fresh} exists: another program is writing it, or was killed while it wrote; if no program is writing, remove it`,
      );
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOSPC':
    case 'ENAMETOOLONG':
      return new ManagementError(`expected a folder in which ${fresh} can be made, but: ${(error as Error).message}`);
    default:
      return error;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const isTaken = (target: string): Error =>
  new ManagementError(`expected a name for a new file, got ${target}, which exists`);

async function expectNothing(target: string): Promise<void> {
  const isThere = await lstat(target).then(
    () => true,
    () => false,
  );
  if (isThere) throw isTaken(target);
}

/** link(2) does not replace anything, as rename(2) does. FAT and exFAT have no links: there, it is looked for once more. */
async function giveName(fresh: string, target: string): Promise<void> {
  try {
    await link(fresh, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw isTaken(target);
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTSUP') throw error;
    await expectNothing(target);
    await rename(fresh, target);
    return;
  }
  await unlink(fresh);
}
