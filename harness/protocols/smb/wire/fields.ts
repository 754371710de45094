import type { Cursor } from '../../../packet/cursor.ts';
import { hex } from '../../../packet/text.ts';

/** Reads StructureSize and requires one of the sizes that the specification gives the structure. */
export function structureSize(cursor: Cursor, ...expected: number[]): number {
  const at = cursor.offset;
  const size = cursor.u16le('structure size');
  if (!cursor.failure && !expected.includes(size))
    cursor.fail(`structure size must be ${expected.join(' or ')}, got ${size}`, at);
  return size;
}

/** A FileId as 32 hexadecimal digits: persistent part, then volatile part, in wire order. */
export function fileId(cursor: Cursor): string {
  return hex(cursor.take(16, 'file id'));
}

/**
 * FileId of requests that concern no open file, and of related requests that mean the one before (MS-SMB2 section
 * 3.2.4.1.4).
 */
export const NO_FILE_ID = 'f'.repeat(32);

// FILETIME counts 100 ns from 1601-01-01; 11644473600 s lie between that and 1970 (369 years with 89 leap days).
const EPOCH_DIFFERENCE_US = 11_644_473_600_000_000;

/** A FILETIME as microseconds since the epoch; 0 where the field is not set. */
export function fileTimeUs(cursor: Cursor, what: string): number {
  const value = cursor.u64le(what);
  return value === 0n ? 0 : Number(value / 10n) - EPOCH_DIFFERENCE_US;
}

/** A buffer given by its offset from the start of the SMB2 header; an empty one may point anywhere. */
export function buffer(cursor: Cursor, offset: number, length: number, what: string): Uint8Array {
  return length === 0 ? cursor.bytes.subarray(0, 0) : cursor.slice(offset, length, what);
}

/** Chained structures: `read` gives the distance to the next one (0 ends the chain), from the start of each. */
export function chain(cursor: Cursor, read: (at: number) => number): void {
  const LIMIT = 64; // far more than any real message holds; keeps hostile chains short
  for (let at = cursor.offset, count = 0; !cursor.failure; count++) {
    if (count === LIMIT) {
      cursor.fail(`more than ${LIMIT} chained structures`);
      return;
    }
    const distance = read(at);
    if (distance === 0) return;
    at += distance;
    if (at > cursor.bytes.length)
      cursor.fail(`the next structure is claimed at ${at} but there are only ${cursor.bytes.length} bytes`);
    cursor.offset = Math.min(at, cursor.bytes.length);
  }
}
