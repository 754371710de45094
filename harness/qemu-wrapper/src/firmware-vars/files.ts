import { open, type FileHandle } from 'node:fs/promises';
import { changed, type FirmwareChanges } from './settings.ts';
import { readStore, VariableStoreError, volumeLength, writeStore, type FirmwareVariable } from './store.ts';

const HEADER_BYTES = 64;
/** Volumes of OVMF and AAVMF have 0.5 and 0.75 MiB. */
const VOLUME_BYTES_MAX = 16 * 1024 * 1024;

/** The variables in a file that no VM is using. Throws VariableStoreError, which names the file, for a damaged one. */
export function readVariables(file: string): Promise<readonly FirmwareVariable[]> {
  return withVolume(file, 'r', (volume) => Promise.resolve(readStore(volume)));
}

/** Changes the variables in a file that no VM is using, in place. Throws as `readVariables`; then nothing is written. */
export function changeVariables(file: string, changes: FirmwareChanges): Promise<void> {
  return withVolume(file, 'r+', async (volume, handle) => {
    const written = writeStore(volume, changed(readStore(volume), changes));
    await handle.write(written, 0, written.length, 0);
  });
}

/** Reads only the volume: the flash chip behind it is empty, and has 64 MiB on Arm. */
async function withVolume<T>(
  file: string,
  flags: 'r' | 'r+',
  work: (volume: Uint8Array, handle: FileHandle) => Promise<T>,
): Promise<T> {
  await using handle = await open(file, flags);
  try {
    const length = volumeLength(await start(handle, HEADER_BYTES));
    if (length > VOLUME_BYTES_MAX) throw new VariableStoreError(`its volume has ${length} bytes`);
    return await work(await start(handle, length), handle);
  } catch (error) {
    if (!(error instanceof VariableStoreError)) throw error;
    throw new VariableStoreError(`${file} is no sound store of firmware variables: ${error.message}`);
  }
}

async function start(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, 0);
  return bytes.subarray(0, bytesRead);
}
