import { open } from 'node:fs/promises';

/**
 * Puts a folder's list of names on the disk: a rename or removal in it is else lost by a power cut, whatever was synced
 * of the file.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
