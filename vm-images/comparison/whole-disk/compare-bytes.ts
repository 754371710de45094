import { open } from 'node:fs/promises';
import type { TreeDifference } from '../tree-compare.ts';
import type { ByteRange } from './used-ranges.ts';

const CHUNK_BYTES = 2 ** 20;
/** What differences are counted in. */
const BLOCK_BYTES = 512;

/** How much was compared, and what differs, told as one difference. */
export interface ComparedBytes {
  readonly bytes: number;
  readonly differences: readonly TreeDifference[];
}

/** Compares the same ranges of two files, byte for byte; behind its end a file has zeros. */
export async function compareBytes(
  expected: string,
  actual: string,
  ranges: readonly ByteRange[],
  where: string,
): Promise<ComparedBytes> {
  await using one = await open(expected, 'r');
  await using other = await open(actual, 'r');
  const [wanted, found] = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)];
  const differing: number[] = [];
  let bytes = 0;
  let first: { readonly at: number; readonly expected: number; readonly actual: number } | undefined;
  for (const { from, to } of ranges)
    for (let at = from; at < to; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, to - at);
      for (const [handle, buffer] of [
        [one, wanted],
        [other, found],
      ] as const) {
        const { bytesRead } = await handle.read(buffer, 0, length, at);
        buffer.fill(0, bytesRead, length);
      }
      bytes += length;
      if (wanted.subarray(0, length).equals(found.subarray(0, length))) continue;
      for (let offset = 0; offset < length; offset++) {
        if (wanted[offset] === found[offset]) continue;
        first ??= { at: at + offset, expected: wanted[offset] ?? 0, actual: found[offset] ?? 0 };
        const block = Math.floor((at + offset) / BLOCK_BYTES);
        if (differing.at(-1) !== block) differing.push(block);
        // On to the next block.
        offset = (block + 1) * BLOCK_BYTES - at - 1;
      }
    }
  if (first === undefined) return { bytes, differences: [] };
  const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;
  return {
    bytes,
    differences: [
      {
        path: where,
        expected: `${hex(first.expected)} at byte ${first.at}`,
        actual: `${hex(first.actual)}${differing.length === 1 ? '' : `, the first of ${differing.length} sectors that differ`}`,
      },
    ],
  };
}
