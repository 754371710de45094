import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCaptureFile } from '#tcpdump-wrapper';
import { EVIDENCE } from '../../../reports/file-names.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Frame } from '../../packet/frame.ts';
import { plannedVm } from '../../plan/testing/planned-vm.ts';
import { readJudgedWith } from '../judged-with.ts';
import type { GoodBoot } from './mutation-judge.ts';
import { ETHERNET } from './mutations.ts';

/** All frames of a capture. */
async function framesIn(captureFile: string): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of (await openCaptureFile(captureFile, { keepFrames: true })).batches()) frames.push(...batch);
  return frames;
}

/** Another program's conversation as a boot, by these clients: no expectations, judged by the protocols alone. */
export async function conversationIn(captureFile: string, macs: readonly string[]): Promise<GoodBoot> {
  const frames = await framesIn(captureFile);
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  return {
    frames,
    plan: {
      clients: macs.map((mac, index) => plannedVm({ name: `pc${index}`, mac })),
      expectations: [],
      strict: false,
      budgets: {},
      timeoutMs: 600_000,
      services: [],
    },
    judgedWith: { startUs, endUs, ended: [] },
  };
}

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
  for await (const batch of source.batches()) frames.push(...batch);
  return { frames, plan: JSON.parse(plan) as Plan, judgedWith };
}
