import { createCaptureWriter, type LiveCapture } from 'tcpdump-wrapper';
import type { ClientResult, Step } from '../../reports/result.ts';
import type { Plan } from '../plan/plan.ts';
import { createJudge } from '../verdict/judge.ts';
import type { JudgedWith } from './judged-with.ts';

/** How far the capture's clock may run behind ours before silence counts as silence: a second until the kernel hands a block over, and our own queue. */
const CAPTURE_LAG_US = 2_500_000;
const TICK_MS = 200;

export interface LiveJudging {
  readonly startUs: number;
  /** Resolves when no further frame can change a verdict; stays pending otherwise. */
  readonly settled: Promise<void>;
  readonly hasFailedStep: () => boolean;
  readonly frames: () => number;
  /** Ends when the capture has been drained and every frame is judged and written; rejects when that broke. */
  readonly drained: Promise<void>;
  /** Closes every machine; tells the judge first when the capture ended and how the machines did, as a replay will. */
  finish(facts: Pick<JudgedWith, 'endUs' | 'ended'>): ClientResult[];
  /** What was judged before the lab broke, without a verdict: what only fails because the capture is over is left out. */
  breakOff(why: string): ClientResult[];
}

export interface LiveJudgeOptions {
  readonly plan: Plan;
  /** Evidence: the capture as it is kept, bulk payload trimmed. */
  readonly captureFile: string;
  /** Keep bulk payload too. */
  readonly full: boolean;
  readonly onStep: (client: string, step: Step) => void;
}

/** Feeds a live capture to the judge and to the evidence file, and tells the judge the time when nothing comes. Time begins now: power on. */
export async function judgeLive(capture: LiveCapture, options: LiveJudgeOptions): Promise<LiveJudging> {
  const { plan } = options;
  const writer = await createCaptureWriter(options.captureFile, { linkType: capture.linkType, format: 'pcap' });
  const startUs = Date.now() * 1000;
  let frames = 0;
  const failedSteps = new Set<string>();
  const stepKey = (mac: string, { step, atMs }: Step): string => `${mac} ${step} ${atMs}`;
  const judge = createJudge({
    linkType: capture.linkType, startUs, plan,
    clients: plan.clients.map(({ name, mac, firmware, nic }) => ({ name, mac, firmware, nic })),
    onStep: (mac, step) => {
      if (step.verdict === 'failed') failedSteps.add(stepKey(mac, step));
      options.onStep(plan.clients.find((client) => client.mac === mac)?.name ?? mac, step);
    },
  });
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
        for (const [index, frame] of batch.entries()) room = writer.write(frame, options.full ? undefined : keep[index]);
        if (!room) await writer.drained();
        frames += batch.length;
        if (judge.settled) settled.resolve(undefined);
      }
    } finally {
      clearInterval(tick);
      await writer.close();
    }
  };
  return {
    startUs,
    settled: settled.promise,
    hasFailedStep: () => failedSteps.size > 0,
    frames: () => frames,
    drained: drain(),
    finish({ endUs, ended }) {
      judge.advance(endUs);
      for (const { mac, atUs, reason } of ended) judge.ended(mac, atUs, reason);
      return judge.finish();
    },
    breakOff(why) {
      const failedBefore = new Set(failedSteps);
      return judge.finish().map((client) => ({
        ...client, verdict: 'error' as const, why,
        steps: client.steps.filter((step) => step.verdict !== 'failed' || failedBefore.has(stepKey(client.mac, step))),
      }));
    },
  };
}
