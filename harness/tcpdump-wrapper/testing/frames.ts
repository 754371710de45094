import fc from 'fast-check';
import type { CapturedFrame } from '../src/captured-frame.ts';

/** A frame whose bytes count up from its number, cut to `kept`. */
export function frame(
  number: number,
  {
    atUs = 1_700_000_000_000_000 + number * 250,
    length = 60,
    kept = length,
  }: { atUs?: number; length?: number; kept?: number } = {},
): CapturedFrame {
  return {
    number,
    atUs,
    bytes: Uint8Array.from({ length: kept }, (_, index) => (number + index) & 0xff),
    originalLength: length,
  };
}

/**
 * Frames as plain values, so that a view and a copy of it compare equal, without the link type, which not every format
 * gives to each frame.
 */
export function plain(frames: readonly CapturedFrame[]): unknown[] {
  return frames.map(({ number, atUs, bytes, originalLength }) => ({
    number,
    atUs,
    bytes: Array.from(bytes),
    originalLength,
  }));
}

/** Arbitrary frames with consecutive numbers and whole microseconds. */
export const someFrames: fc.Arbitrary<CapturedFrame[]> = fc
  .array(
    fc.record({
      atUs: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
      bytes: fc.uint8Array({ maxLength: 80 }),
      cut: fc.nat({ max: 2000 }),
    }),
    { maxLength: 12 },
  )
  .map((rows) =>
    rows.map(({ atUs, bytes, cut }, index) => ({ number: index + 1, atUs, bytes, originalLength: bytes.length + cut })),
  );

/** Bytes cut into chunks at arbitrary places, empty chunks included. */
export function chunked(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  // Each chunk has memory of its own, as those of a stream have.
  return at.slice(1).map((end, index) => bytes.slice(at[index], end));
}
