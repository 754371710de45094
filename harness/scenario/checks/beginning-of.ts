import { open } from 'node:fs/promises';

/** The first bytes of a file, at most `length`; none of a file that cannot be read. */
export async function beginningOf(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return new Uint8Array(0);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: new Uint8Array(length), position: 0 });
    return buffer.subarray(0, bytesRead);
  } catch {
    // A folder.
    return new Uint8Array(0);
  } finally {
    await handle.close();
  }
}
