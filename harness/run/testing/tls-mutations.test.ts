import { describe, expect, it } from 'vitest';
import { type CaptureName, TESTDATA } from '../../protocols/tls/testing/captures.ts';
import { conversationIn } from './good-boot.ts';
import { createMutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

// A store behind TLS that is in order.
describe.each<CaptureName>(['snapshots'])('restic over TLS (%s), changed in one frame', async (capture) => {
  const boot = await conversationIn(`${TESTDATA}/${capture}.pcap`, ['02:00:00:00:00:11']);
  const judge = createMutationJudge(boot);
  const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));

  it('is judged from its changed conversations as from all of its frames', () => {
    const differing = mutations.filter((one) => judge.judged(one) !== judge.replayed(one)).map(({ name }) => name);
    expect(differing).toEqual([]);
  });

  it('is noticed whatever becomes of a record', () => {
    const { share, missed } = tallyMutations(judge, mutations);
    expect(mutations.length).toBeGreaterThan(200);
    expect(missed.filter((name) => !/ tcp\b/.test(name))).toEqual([]);
    // Else a bare acknowledgement and the last RST, which the next segment or nobody misses.
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.95);
  });
});
