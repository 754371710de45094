import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { writeResult } from '../../reports/json.ts';
import { mergeResults } from '../../reports/merge.ts';
import type { Result } from '../../reports/result.ts';
import { sampleResult, sampleScenario } from '../../reports/testing/sample-results.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { QUICK_SCENARIOS } from '../run/testing/pxewright.ts';
import { notPassedLastTime, recordedDurations } from './earlier-runs.ts';
import { EXIT } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { runCommand, type RunCommandOptions } from './run-command.ts';

const OLD = '2026-11-24T12-00-00-aaaa';
const NEW = '2026-11-25T12-00-00-bbbb';
const SHARD = { n: 1, of: 2, partition: '0123456789abcdef' };

async function kept(out: string, name: string, result: Result): Promise<string> {
  const run = join(out, name);
  await writeResult(result, run);
  return run;
}

describe('--last-failed', () => {
  it('takes what did not pass in the newest run: failed, broken, or not run; each repetition by its last attempt', async () => {
    await using out = await temporaryFolder();
    await kept(out.path, OLD, sampleResult([sampleScenario({ id: 'old', verdict: 'failed' })]));
    const run = await kept(
      out.path,
      NEW,
      sampleResult([
        sampleScenario({ id: 'good' }),
        sampleScenario({ id: 'cards[nic=e1000]', verdict: 'failed' }),
        sampleScenario({ id: 'cards[nic=pcnet]' }),
        sampleScenario({ id: 'broken', verdict: 'error' }),
        sampleScenario({ id: 'flaky', verdict: 'failed' }),
        sampleScenario({ id: 'flaky', attempt: 2 }),
        sampleScenario({ id: 'once', repetition: 1, verdict: 'failed' }),
        sampleScenario({ id: 'once', repetition: 2 }),
        sampleScenario({ id: 'rest', verdict: 'skipped', notRun: true }),
      ]),
    );
    expect(await notPassedLastTime(out.path)).toEqual({
      from: run,
      told: new Set(['cards[nic=e1000]', 'broken', 'once', 'rest']),
    });
  });

  it('reads a merged report, and a run that only the link `latest` leads to', async () => {
    await using out = await temporaryFolder();
    const merged = mergeResults(
      [1, 2].map((n) => ({
        ...sampleResult([sampleScenario({ id: `s${n}`, verdict: n === 1 ? 'passed' : 'failed' })]),
        shard: { ...SHARD, n },
      })),
    );
    const run = await kept(out.path, NEW, merged);
    expect((await notPassedLastTime(out.path)).told).toEqual(new Set(['s2']));
    await using other = await temporaryFolder();
    await symlink(run, join(other.path, 'latest'));
    expect(await notPassedLastTime(other.path)).toMatchObject({ from: run, told: new Set(['s2']) });
  });
});

describe('recorded durations', () => {
  it('come from the newest whole run, a median for each scenario, and never from a single shard', async () => {
    await using out = await temporaryFolder();
    const timed = (ms: readonly number[]) =>
      ms.map((durationMs, index) => sampleScenario({ id: 'a', repetition: index + 1, durationMs }));
    expect(await recordedDurations(undefined, out.path)).toBeUndefined();
    const whole = await kept(
      out.path,
      OLD,
      sampleResult([...timed([10, 50, 20]), sampleScenario({ id: 'b', verdict: 'skipped', durationMs: 0 })]),
    );
    await kept(out.path, NEW, { ...sampleResult(timed([7])), shard: SHARD });
    expect(await recordedDurations(undefined, out.path)).toEqual({ from: whole, told: new Map([['a', 20]]) });
    const named = await recordedDurations(join(out.path, NEW, 'result.json'), out.path);
    expect(named?.told).toEqual(new Map([['a', 7]]));
  });
});

describe('a run of nothing', () => {
  const OPTIONS: Omit<RunCommandOptions, 'out'> = {
    tag: [],
    matrix: [],
    profile: [],
    repeat: '1',
    retries: '0',
    accel: 'tcg',
    reporter: [],
  };

  async function run(options: Partial<RunCommandOptions> & { readonly out: string }): Promise<[number, string]> {
    let said = '';
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    try {
      return [await runCommand([QUICK_SCENARIOS], { ...OPTIONS, ...options }).catch(reportError), said];
    } finally {
      spy.mockRestore();
    }
  }

  it('is a success where the last run saw everything pass, and says which run that was', async () => {
    await using out = await temporaryFolder();
    const last = await kept(out.path, NEW, sampleResult([sampleScenario()]));
    expect(await run({ out: out.path, lastFailed: true })).toEqual([
      EXIT.passed,
      `--last-failed: nothing failed in ${last}, so there is nothing to run\n`,
    ]);
  });

  it('is unusable input without an earlier run, or without a result where durations should be', async () => {
    await using out = await temporaryFolder();
    expect(await run({ out: out.path, lastFailed: true })).toEqual([
      EXIT.unusableInput,
      expect.stringContaining(`--last-failed: expected an earlier run in ${out.path}, got none`),
    ]);
    expect(await run({ out: out.path, shard: '1/2', shardDurations: 'no-such.json' })).toEqual([
      EXIT.unusableInput,
      expect.stringContaining("no-such.json: expected a result.json or a run's folder"),
    ]);
    expect(await run({ out: out.path, shardDurations: 'no-such.json' })).toEqual([
      EXIT.unusableInput,
      expect.stringContaining('expected --shard with it'),
    ]);
  });

  it.each([
    ['an empty shard', { shard: '3/3' }, 'shard 3/3 is empty: 2 scenarios for 3 shards'],
    ['a filter that nothing fits', { grep: 'no such' }, 'no scenario matches: 2 found, none with --grep no such'],
  ])('of %s is unusable input whose message names --pass-with-no-tests, and green with it', async (_, options, why) => {
    await using out = await temporaryFolder();
    expect(await run({ out: out.path, ...options })).toEqual([
      EXIT.unusableInput,
      expect.stringMatching(new RegExp(`^${why}.*--pass-with-no-tests takes this for success\n$`)),
    ]);
    expect(await run({ out: out.path, ...options, passWithNoTests: true })).toEqual([
      EXIT.passed,
      expect.stringContaining(why),
    ]);
  });
});
