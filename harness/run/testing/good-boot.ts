import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCaptureFile } from '#tcpdump-wrapper';
import { EVIDENCE } from '../../../reports/file-names.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Frame } from '../../packet/frame.ts';
import { readJudgedWith } from '../judged-with.ts';
import type { GoodBoot } from './mutation-judge.ts';
import { ETHERNET } from './mutations.ts';

/** A run's evidence as a boot to change: its capture, the plan and what the live judge was told beside it. */
export async function readGoodBoot(captureFile: string): Promise<GoodBoot> {
  const [source, judgedWith, plan] = await Promise.all([
    openCaptureFile(captureFile, { keepFrames: true }),
    readJudgedWith(captureFile),
    readFile(join(dirname(captureFile), EVIDENCE.plan), 'utf8'),
  ]);
  if (!judgedWith)
    throw new Error(`${captureFile} has no ${EVIDENCE.judgedWith} beside it, expected the evidence of a run of ours`);
  if (source.linkType !== ETHERNET)
    throw new Error(`${captureFile} has link type ${source.linkType}, expected ${ETHERNET}, Ethernet`);
  const frames: Frame[] = [];
  for await (const batch of source.batches()) for (const frame of batch) frames.push(frame);
  return { frames, plan: JSON.parse(plan) as Plan, judgedWith };
}
