import type { Frame } from '../../../packet/frame.ts';
import { authenticationExcerpt } from './excerpt-authentication.ts';
import { imageExcerpt } from './excerpt-image.ts';
import { pxeExcerpt } from './excerpt-pxe.ts';
import { rowsOf, type TraceRow } from './trace-rows.ts';
import { CAPTURE_BEGAN_US } from './trace-time.ts';

/** The three captures of the reference trace, by their step, as the files in testdata are named. */
export const EXCERPTS = { 1: 'step-1-pxe', 2: 'step-2-authentication', 3: 'step-3-image' } as const;

const BUILDERS = { 1: pxeExcerpt, 2: authenticationExcerpt, 3: imageExcerpt } as const;

/** The frames of one excerpt, each as long as its row says, at its time. Throws when they differ from the rows. */
export function excerptFrames(step: TraceRow['step']): Frame[] {
  const rows = rowsOf(step);
  const frames = BUILDERS[step]();
  if (frames.length !== rows.length)
    throw new Error(`step ${step} has ${frames.length} frames, expected one for each of ${rows.length} rows`);
  return rows.map((row, index) => {
    const bytes = frames[index] ?? new Uint8Array(0);
    if (bytes.length !== row.length)
      throw new Error(
        `frame ${row.frame} of step ${step} has ${bytes.length} bytes, expected the row's ${row.length} (${row.info})`,
      );
    return {
      number: index + 1,
      atUs: CAPTURE_BEGAN_US + Math.round(row.time * 1_000_000),
      bytes,
      originalLength: bytes.length,
    };
  });
}
