import type { FileHandle } from 'node:fs/promises';

/**
 * The bytes of a file, from its beginning: with the byte at `flipAt` inverted, which `flipped` hears, and no more than `most` of
 * them. The handle stays open.
 */
export async function* imageBytes(
  handle: FileHandle,
  {
    flipAt = -1,
    flipped,
    most = Number.MAX_SAFE_INTEGER,
  }: { readonly flipAt?: number | undefined; readonly flipped?: () => void; readonly most?: number },
): AsyncGenerator<Buffer> {
  for (let at = 0; at < most; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, Math.min(65_536, most - at), at);
    if (bytesRead === 0) return;
    const inHere = flipAt - at;
    if (inHere >= 0 && inHere < bytesRead) {
      buffer[inHere] = (buffer[inHere] ?? 0) ^ 0xff;
      flipped?.();
    }
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
