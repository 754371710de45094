import type { Frame } from '../../packet/frame.ts';

/** Frames of which one has other bytes: `was` must be there once. */
export function withBytes(
  frames: readonly Frame[],
  number: number,
  was: Uint8Array | string,
  becomes: Uint8Array | string,
): Frame[] {
  return frames.map((frame) => {
    if (frame.number !== number) return frame;
    const bytes = Buffer.from(frame.bytes);
    const [before, after] = [Buffer.from(was as string), Buffer.from(becomes as string)];
    const at = bytes.indexOf(before);
    if (at < 0 || before.length !== after.length)
      throw new Error(`frame ${number}: expected ${before.toString('hex')}`);
    after.copy(bytes, at);
    return { ...frame, bytes: new Uint8Array(bytes) };
  });
}

/** Frames of which all from one on come so much later, or earlier. */
export function withDelay(frames: readonly Frame[], from: number, ms: number): Frame[] {
  return frames.map((frame) => (frame.number < from ? frame : { ...frame, atUs: frame.atUs + ms * 1000 }));
}
