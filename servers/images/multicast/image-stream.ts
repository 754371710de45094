import type { FileHandle } from 'node:fs/promises';

/**
 * The bytes of a file, from its beginning: with the byte at `flipAt` inverted, and no more than `most` of them. The handle stays
 * open.
 */
export async function* imageBytes(
  handle: FileHandle,
  { flipAt = -1, most = Number.MAX_SAFE_INTEGER }: { readonly flipAt?: number; readonly most?: number },
): AsyncGenerator<Buffer> {
  for (let at = 0; at < most; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, Math.min(65_536, most - at), at);
    if (bytesRead === 0) return;
    const inHere = flipAt - at;
    if (inHere >= 0 && inHere < bytesRead) buffer[inHere] = (buffer[inHere] ?? 0) ^ 0xff;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
