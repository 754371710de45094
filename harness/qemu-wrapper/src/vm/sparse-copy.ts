import { open } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Copies a file and leaves out what is zero: a variable store for Arm fills a flash chip of 64 MiB with less than one,
 * and a lab's files lie in memory.
 */
export async function copySparse(from: string, to: string): Promise<void> {
  await using source = await open(from, 'r');
  await using target = await open(to, 'w');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  for (;;) {
    const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) break;
    const part = chunk.subarray(0, bytesRead);
    if (part.some((byte) => byte !== 0)) await target.write(part, 0, bytesRead, at);
    at += bytesRead;
  }
  await target.truncate(at);
}
