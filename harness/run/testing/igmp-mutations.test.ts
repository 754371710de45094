import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { conversationIn } from './good-boot.ts';
import { createMutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

/** The Linux kernel joins, reports and leaves groups in all versions. */
const CAPTURE = fileURLToPath(new URL('../../protocols/testdata/igmp-linux.pcap', import.meta.url));

describe('multicast groups, changed in one frame', async () => {
  const boot = await conversationIn(CAPTURE, ['52:54:00:12:34:56']);
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
