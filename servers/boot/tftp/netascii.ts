import { CHUNK_BYTES, type CachedFile } from './file-cache.ts';

/** What a transfer reads from: a cached file, or bytes converted on the way. */
export interface Source {
  readonly size: number;
  has(offset: number, length: number): boolean;
  copy(offset: number, length: number, target: Buffer, at: number): void;
  load(offset: number, length: number): Promise<void>;
  readAhead(offset: number): void;
  close(): Promise<void>;
}

/** Text files are small; converting needs the whole file, and its size is known only afterwards. */
export const MAX_NETASCII = 16 * 1024 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** Bytes as netascii (RFC 764, as RFC 1350 section 1 refers to): LF becomes CR LF, a lone CR becomes CR NUL. */
export function toNetascii(bytes: Uint8Array): Buffer {
  let extra = 0;
  for (const byte of bytes) if (byte === CR || byte === LF) extra++;
  const converted = Buffer.alloc(bytes.length + extra);
  let at = 0;
  for (const byte of bytes) {
    if (byte === LF) converted[at++] = CR;
    converted[at++] = byte;
    if (byte === CR) converted[at++] = 0;
  }
  return converted;
}

/** The whole file converted; closes the file. Undefined when it is too large. */
export async function netasciiSource(file: CachedFile): Promise<Source | undefined> {
  try {
    if (file.size > MAX_NETASCII) return undefined;
    const raw = Buffer.alloc(file.size);
    // Piece by piece: the cache may be smaller than the file.
    for (let at = 0; at < file.size; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, file.size - at);
      do await file.load(at, length);
      while (!file.has(at, length));
      file.copy(at, length, raw, at);
    }
    const bytes = toNetascii(raw);
    return {
      size: bytes.length,
      has: () => true,
      copy: (offset, length, target, at) => void bytes.copy(target, at, offset, offset + length),
      load: () => Promise.resolve(),
      readAhead: () => undefined,
      close: () => Promise.resolve(),
    };
  } finally {
    await file.close();
  }
}
