import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const BYTES_AT_ONCE = 1 << 20;

/**
 * SHA-1 of a range of an open file, lowercase hexadecimal; a file that ends earlier is hashed up to its end. `onBytes`
 * gets the number of bytes read.
 */
export async function sha1OfRange(
  handle: FileHandle,
  offset: number,
  length: number,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha1');
  const buffer = Buffer.allocUnsafe(Math.min(length, BYTES_AT_ONCE));
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - at), offset + at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    onBytes?.(bytesRead);
  }
  return hash.digest('hex');
}
