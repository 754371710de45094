import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceFrame } from '../../reports/evidence.ts';
import { EVIDENCE } from '../../reports/file-names.ts';
import type { ClientResult } from '../../reports/result.ts';
import { unwritten } from '../../reports/unwritten-file.ts';
import { openCapture } from './open-capture.ts';
import { dissect, type DissectHints } from '../protocols/dissect.ts';
import type { Frame } from '../packet/frame.ts';

/** Frames that a report shows decoded: enough for every step of a boot, bounded for a boot that went in circles. */
const MAX_DECODED_FRAMES = 3000;
/** Bytes of a frame shown in hexadecimal. */
const MAX_HEX_BYTES = 1024;

/**
 * Writes `frames.json`: every frame that a step names, decoded, from the capture that was kept as evidence. `startUs`:
 * what times count from, by default the first frame.
 */
export async function writeDecodedFrames(
  captureFile: string,
  clients: readonly ClientResult[],
  startUs: number | undefined,
  folder: string,
  hints: DissectHints,
): Promise<void> {
  const wanted = framesOfSteps(clients);
  const source = await openCapture(captureFile);
  const frames: EvidenceFrame[] = [];
  let zeroUs = startUs;
  for await (const batch of source.batches()) {
    zeroUs ??= batch[0]?.atUs;
    for (const frame of batch)
      if (wanted.has(frame.number)) frames.push(decoded(frame, source.linkType, zeroUs ?? 0, hints));
  }
  const file = join(folder, EVIDENCE.frames);
  await writeFile(file, JSON.stringify({ frames })).catch(unwritten(file));
}

/** Frame numbers that steps name, those of failed steps first when there are too many. */
export function framesOfSteps(clients: readonly ClientResult[]): Set<number> {
  const steps = clients.flatMap((client) => client.steps);
  const ordered = [
    ...steps.filter((step) => step.verdict === 'failed'),
    ...steps.filter((step) => step.verdict !== 'failed'),
  ];
  return new Set(ordered.flatMap((step) => step.frames).slice(0, MAX_DECODED_FRAMES));
}

function decoded(frame: Frame, linkType: number, startUs: number, hints: DissectHints): EvidenceFrame {
  const { summary, layers } = dissect(frame, linkType, hints);
  return {
    number: frame.number,
    atMs: (frame.atUs - startUs) / 1000,
    length: frame.originalLength,
    summary,
    layers,
    hex: Buffer.from(
      frame.bytes.buffer,
      frame.bytes.byteOffset,
      Math.min(frame.bytes.byteLength, MAX_HEX_BYTES),
    ).toString('hex'),
  };
}
