import { constants, open, rename, rm, type FileHandle } from 'node:fs/promises';

/**
 * Writes a file beside `target`, whose name `write` hears, and renames it over it when `write` is through: a reader meanwhile sees the old or
 * the new file, and a program that is killed leaves the old one. The unfinished file keeps others from changing the
 * same target.
 */
export async function replaceFile<T>(
  target: string,
  write: (handle: FileHandle, fresh: string) => Promise<T>,
): Promise<T> {
  const fresh = `${target}.new`;
  const handle = await open(fresh, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      throw new Error(
        `${fresh} exists: another program is writing it, or was killed while it wrote; if no program is writing, remove it`,
        { cause: error },
      );
    },
  );
  try {
    const written = await write(handle, fresh);
    await handle.close();
    await rename(fresh, target);
    return written;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(fresh, { force: true });
    throw error;
  }
}
