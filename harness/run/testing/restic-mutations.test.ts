import { describe, expect, it } from 'vitest';
import { type CaptureName, TESTDATA } from '../../protocols/restic/testing/captures.ts';
import { conversationIn } from './good-boot.ts';
import { createMutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

/**
 * What nobody compares: the name of an object that is not asked for twice (contents, whose hash it is, go by unread), where a part of an
 * object begins, and how long an object is that was only looked for.
 */
const NOT_COMPARED = /^alter restic (id|range|length),/;

// restic at a store that is in order.
describe.each<CaptureName>(['backup', 'dump-folder', 'prune', 'unlock'])(
  'a run of restic (%s), changed in one frame',
  async (capture) => {
    const boot = await conversationIn(`${TESTDATA}/${capture}.pcap`, ['02:00:00:00:00:11']);
    const judge = createMutationJudge(boot);
    const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));

    it('is judged from its changed conversations as from all of its frames', () => {
      const differing = mutations.filter((one) => judge.judged(one) !== judge.replayed(one)).map(({ name }) => name);
      expect(differing).toEqual([]);
    });

    it('is noticed whatever becomes of a frame of restic, but for what nobody compares and the order of what goes over two connections', () => {
      const { share, missed } = tallyMutations(judge, mutations);
      const altered = mutations.filter(({ name }) => name.startsWith('alter restic '));
      expect(altered.length).toBeGreaterThan(15);
      const unnoticed = missed.filter((name) => / restic\b/.test(name) && !name.startsWith('reorder '));
      expect(unnoticed.filter((name) => !NOT_COMPARED.test(name))).toEqual([]);
      expect(unnoticed.length).toBeLessThan(altered.length / 2);
      // Else bare acknowledgements and the last FIN, which the next segment or nobody misses.
      expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.8);
    });
  },
);
