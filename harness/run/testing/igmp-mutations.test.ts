import { fileURLToPath } from 'node:url';
import { openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { plannedVm } from '../../plan/testing/planned-vm.ts';
import { createMutationJudge, type GoodBoot } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

const CAPTURE = fileURLToPath(new URL('../../protocols/testdata/igmp-linux.pcap', import.meta.url));

/** The Linux kernel joins, reports and leaves groups in all versions. */
async function groupsOfLinux(): Promise<GoodBoot> {
  const frames: Frame[] = [];
  for await (const batch of (await openCaptureFile(CAPTURE, { keepFrames: true })).batches()) frames.push(...batch);
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  return {
    frames,
    plan: {
      clients: [plannedVm({ name: 'pc', mac: '52:54:00:12:34:56' })],
      expectations: [],
      strict: false,
      budgets: {},
      timeoutMs: 600_000,
      services: [],
    },
    judgedWith: { startUs, endUs, ended: [] },
  };
}

describe('multicast groups, changed in one frame', async () => {
  const boot = await groupsOfLinux();
  const judge = createMutationJudge(boot);
  const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));

  it('are judged from changed conversations as from all frames', () => {
    const differing = mutations.filter((one) => judge.judged(one) !== judge.replayed(one)).map(({ name }) => name);
    expect(differing).toEqual([]);
  });

  it('are noticed at least 99 times of 100', () => {
    const { share, missed } = tallyMutations(judge, mutations);
    expect(mutations.length).toBeGreaterThan(150);
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.99);
  });
});
