import { open } from 'node:fs/promises';

/**
 * Puts a folder's list of names on the disk: otherwise a power cut can undo a rename or removal in it, even when the
 * file itself was synced.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
