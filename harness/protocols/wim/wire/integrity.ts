import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';
import { WIM_HEADER_LENGTH, type WimHeader } from './codec.ts';

// The integrity table (wimlib integrity.c): SHA-1 of each chunk of the file from the end of its header to the end of
// the blob table. The XML data is outside.

/** Bytes of a chunk that imagex and wimlib write. */
export const WIM_INTEGRITY_CHUNK = 10 * 1024 * 1024;

const HEAD_LENGTH = 12;
const SHA1_LENGTH = 20;

export interface WimIntegrity {
  readonly kind: 'wim-integrity';
  /** Bytes that one hash covers; the last one covers what is left. */
  readonly chunkSize: number;
  readonly sha1: readonly string[];
}

/** A range of the file and its SHA-1. */
export interface WimIntegrityChunk {
  readonly offset: number;
  readonly length: number;
  readonly sha1: string;
}

/** The integrity table's bytes: sizes, then one SHA-1 a chunk. */
export function decodeWimIntegrity(bytes: Uint8Array): WimIntegrity | Malformed {
  const cursor = new Cursor(bytes, 'wim');
  const size = cursor.u32le('table size');
  const count = cursor.u32le('entry count');
  const chunkSize = cursor.u32le('chunk size');
  if (!cursor.failure && size !== HEAD_LENGTH + count * SHA1_LENGTH)
    return cursor.fail(
      `table size ${size} does not fit ${count} entries of ${SHA1_LENGTH} bytes after a head of ${HEAD_LENGTH}`,
      0,
    );
  if (!cursor.failure && chunkSize === 0) return cursor.fail('a chunk must have at least one byte, got 0', 8);
  const table = cursor.take(count * SHA1_LENGTH, 'entries');
  if (cursor.failure) return cursor.failure;
  return {
    kind: 'wim-integrity',
    chunkSize,
    sha1: Array.from({ length: count }, (_, i) => hex(table.subarray(i * SHA1_LENGTH, (i + 1) * SHA1_LENGTH))),
  };
}

/** End of what the integrity table covers: that of the blob table. */
export function integrityEnd(header: Pick<WimHeader, 'blobTable'>): number {
  return Math.max(WIM_HEADER_LENGTH, header.blobTable.offset + header.blobTable.size);
}

/** The ranges that the hashes stand for; undefined when there are more or fewer hashes than chunks up to `end`. */
export function integrityChunks(
  { chunkSize, sha1 }: Pick<WimIntegrity, 'chunkSize' | 'sha1'>,
  end: number,
): readonly WimIntegrityChunk[] | undefined {
  if (sha1.length !== Math.ceil((end - WIM_HEADER_LENGTH) / chunkSize)) return undefined;
  return sha1.map((hash, i) => {
    const offset = WIM_HEADER_LENGTH + i * chunkSize;
    return { offset, length: Math.min(chunkSize, end - offset), sha1: hash };
  });
}
