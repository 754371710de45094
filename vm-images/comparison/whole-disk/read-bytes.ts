import { open } from 'node:fs/promises';

/** Bytes of a file; zeros behind its end. */
export async function bytesOf(file: string, at: number, length: number): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, at);
  return bytes;
}
