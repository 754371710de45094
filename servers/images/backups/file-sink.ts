import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, open, rename, rm, utimes } from 'node:fs/promises';
import { SparseFile } from './sparse-file.ts';
import type { Sink } from './volume.ts';
import type { VolumeEntry } from './volume-listing.ts';

/** Writes a file `at` a place, which then gets its name; `written` hears the SHA-256 of what was. */
export async function fileSink(
  entry: VolumeEntry,
  { file, at, overwrite }: { readonly file: string; readonly at: string; readonly overwrite: boolean },
  written: (sha256: string) => void,
): Promise<Sink> {
  if (overwrite || at !== file) await rm(at, { force: true });
  const handle = await open(at, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
  const content = new SparseFile(handle);
  const hash = createHash('sha256');
  return {
    write: (chunk) => {
      hash.update(chunk);
      return content.write(chunk);
    },
    end: async () => {
      await content.close();
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
export async function keepFacts({ mode, modified }: VolumeEntry, file: string): Promise<void> {
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
