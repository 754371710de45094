import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXCERPTS, excerptFrames } from '../../observe/testing/reference-trace/build-trace.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { loadScenarios } from '../../scenario/load-scenarios.ts';
import { createMutationJudge, type GoodBoot } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

/** An excerpt of the reference trace and the scenario that judges it, as a boot to change. */
async function excerpt(step: 1 | 2 | 3): Promise<GoodBoot> {
  const [scenario] = await loadScenarios(
    [fileURLToPath(new URL(`../../observe/testdata/reference-trace/${EXCERPTS[step]}.yaml`, import.meta.url))],
    { judgesCapture: true },
  );
  const [plan] = scenario ? planScenarios(scenario) : [];
  if (!plan) throw new Error(`no plan for step ${step}`);
  const frames = excerptFrames(step);
  return { frames, plan, judgedWith: { startUs: frames[0]?.atUs ?? 0, endUs: frames.at(-1)?.atUs ?? 0, ended: [] } };
}

describe('the reference trace, changed in one frame', { timeout: 240_000 }, () => {
  it('is noticed at least 95 times of 100, each of its steps at least 93', async () => {
    const tallies: { readonly tried: number; readonly missed: number }[] = [];
    for (const step of [1, 2, 3] as const) {
      const boot = await excerpt(step);
      const judge = createMutationJudge(boot);
      const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));
      const { share, missed } = tallyMutations(judge, mutations);
      expect(mutations.length).toBeGreaterThan(100);
      expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.93);
      tallies.push({ tried: mutations.length, missed: missed.length });
    }
    const sum = (key: 'tried' | 'missed'): number => tallies.reduce((total, tally) => total + tally[key], 0);
    expect(1 - sum('missed') / sum('tried')).toBeGreaterThanOrEqual(0.95);
  });
});
