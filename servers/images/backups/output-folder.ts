import { access, constants, mkdir } from 'node:fs/promises';
import { ManagementError } from '../../state/management-error.ts';

/** Makes a folder that a person named for what is written; `ManagementError` when nothing can be written there. */
export async function makeOutputFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ManagementError(`expected a folder that can be written to, got ${folder}: ${(error as Error).message}`);
  }
}
