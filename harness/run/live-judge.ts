import type { CaptureWriter, LiveCapture } from 'tcpdump-wrapper';
import type { Judge } from '../verdict/judge-types.ts';

/** How far the capture's clock may run behind ours before silence counts as silence: tcpdump's hand-over plus our own queue. */
const CAPTURE_LAG_US = 1_500_000;
const TICK_MS = 200;

export interface LiveJudging {
  /** Resolves when no further frame can change a verdict; stays pending otherwise. */
  readonly settled: Promise<void>;
  readonly frames: () => number;
  /** Ends when the capture has been drained and every frame is judged and written. */
  readonly drained: Promise<void>;
}

/** Feeds a live capture to the judge and to the evidence file, and tells the judge the time when nothing comes. */
export function judgeLive(capture: LiveCapture, judge: Judge, writer: CaptureWriter): LiveJudging {
  let frames = 0;
  const settled = Promise.withResolvers<undefined>();
  const tick = setInterval(() => {
    judge.advance(Date.now() * 1000 - CAPTURE_LAG_US);
    if (judge.settled) settled.resolve(undefined);
  }, TICK_MS);
  const drain = async (): Promise<void> => {
    try {
      for await (const batch of capture.batches()) {
        const keep = judge.frames(batch);
        let room = true;
        for (const [index, frame] of batch.entries()) room = writer.write(frame, keep[index]);
        if (!room) await writer.drained();
        frames += batch.length;
        if (judge.settled) settled.resolve(undefined);
      }
    } finally {
      clearInterval(tick);
      await writer.close();
    }
  };
  return { settled: settled.promise, frames: () => frames, drained: drain() };
}
