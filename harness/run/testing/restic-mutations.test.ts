import { describe, expect, it } from 'vitest';
import { plannedVm } from '../../plan/testing/planned-vm.ts';
import { type CaptureName, framesOf } from '../../protocols/restic/testing/captures.ts';
import { createMutationJudge, type GoodBoot } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

/** restic at a store that is in order, judged by the protocols alone. */
async function runOf(capture: CaptureName): Promise<GoodBoot> {
  const frames = await framesOf(capture);
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  return {
    frames,
    plan: {
      clients: [plannedVm({ name: 'pc', mac: '02:00:00:00:00:11' })],
      expectations: [],
      strict: false,
      budgets: {},
      timeoutMs: 600_000,
      services: [],
    },
    judgedWith: { startUs, endUs, ended: [] },
  };
}

describe.each<CaptureName>(['backup', 'dump-folder', 'prune', 'unlock'])(
  'a run of restic (%s), changed in one frame',
  async (capture) => {
    const boot = await runOf(capture);
    const judge = createMutationJudge(boot);
    const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));

    it('is judged from its changed conversations as from all of its frames', () => {
      const differing = mutations.filter((one) => judge.judged(one) !== judge.replayed(one)).map(({ name }) => name);
      expect(differing).toEqual([]);
    });

    it('is noticed whatever becomes of a frame of restic, but for the order of what goes over two connections', () => {
      const { share, missed } = tallyMutations(judge, mutations);
      expect(mutations.length).toBeGreaterThan(60);
      expect(missed.filter((name) => / restic\b/.test(name) && !name.startsWith('reorder '))).toEqual([]);
      // Else bare acknowledgements and the last FIN, which the next segment or nobody misses.
      expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.9);
    });
  },
);
