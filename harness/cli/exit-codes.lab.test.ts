import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultSchema, type Result } from '../../reports/result.ts';
import { ensureBundles } from '../../vm-images/index.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright, QUICK_SCENARIOS, type Finished } from '../run/testing/pxewright.ts';

// Two shards of one run, side by side as two CI hosts would run them; everything below looks at what they left.

const SHARDS = [1, 2] as const;
let outs: Awaited<ReturnType<typeof temporaryFolder>>[] = [];
let finished: Finished[] = [];
let runs: { folder: string; result: Result }[] = [];

beforeAll(async () => {
  outs = await Promise.all([...SHARDS, 'merged', 'other'].map(temporaryFolder));
  finished = await Promise.all(
    SHARDS.map((n) =>
      pxewright(['run', QUICK_SCENARIOS, '--shard', `${n}/2`, '--retries', '1', '--workers', '1', '--out', at(n - 1)]),
    ),
  );
  runs = await Promise.all(SHARDS.map((n) => onlyRun(at(n - 1))));
}, 240_000);
afterAll(() => Promise.all(outs.map((out) => out[Symbol.asyncDispose]())));

function at(index: number): string {
  return outs[index]?.path ?? '';
}

function folder(index: number): string {
  return runs[index]?.folder ?? '';
}

describe('pxewright run', () => {
  it('exits with 1 when something failed and 0 when all passed, each shard with its own scenarios', () => {
    expect(runs.map(({ result }) => [result.verdict, [...new Set(result.scenarios.map(({ id }) => id))]])).toEqual([
      ['failed', ['fails']],
      ['passed', ['silent']],
    ]);
    expect(finished.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
  });

  it('tries again what failed, and keeps the failed attempt with its evidence', async () => {
    expect(runs.map(({ result }) => result.scenarios.map(({ attempt, verdict }) => [attempt, verdict]))).toEqual([
      [
        [1, 'failed'],
        [2, 'failed'],
      ],
      [[1, 'passed']],
    ]);
    expect(
      (await readdir(folder(0), { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['fails', 'fails.attempt-2']);
    expect(await readFile(join(folder(0), 'junit.xml'), 'utf8')).toMatch(
      /tests="1" failures="1" errors="0"[^]*<failure [^]*<rerunFailure /,
    );
  });

  it.each([
    ['an unknown file', ['run', 'no-such.yaml'], 'no-such.yaml'],
    [
      'a filter that nothing fits',
      ['run', QUICK_SCENARIOS, '--grep', 'no such scenario'],
      'no scenario matches: 2 found, none with --grep no such scenario',
    ],
    ['a shard that cannot be', ['run', QUICK_SCENARIOS, '--shard', '3/2'], '--shard: expected i/n'],
    ['an unknown reporter', ['run', QUICK_SCENARIOS, '--reporter', 'xml'], '--reporter: unknown reporter "xml"'],
    ['an unknown option', ['run', '--no-such-option'], "unknown option '--no-such-option'"],
  ])('exits with 3 for %s, before anything starts', async (_, args, said) => {
    const { exitCode, stderr } = await pxewright([...args, '--out', at(3)]);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(3);
    expect(await readdir(at(3))).toEqual([]);
  });
});

describe('pxewright replay', () => {
  it('exits as the run did that the capture is of: 1 failed, 0 passed, 3 no capture', async () => {
    const replay = (capture: string, scenario: string) =>
      pxewright(['replay', capture, '--scenario', join(QUICK_SCENARIOS, scenario)]);
    const replayed = await Promise.all([
      replay(join(folder(0), 'fails', 'capture.pcap'), 'fails.yaml'),
      replay(join(folder(1), 'silent', 'capture.pcap'), 'silent.yaml'),
      replay(join(folder(0), 'result.json'), 'fails.yaml'),
      replay(join(folder(0), 'no-such.pcap'), 'fails.yaml'),
    ]);
    expect(replayed.map(({ exitCode }) => exitCode)).toEqual([1, 0, 3, 3]);
  });
});

/** The passed run repeated as often as certainty needs, every phase `factor` times as long. */
async function written(name: string, factor: number): Promise<string> {
  const file = join(at(3), name);
  const { result } = runs[1] ?? {};
  const scenarios = [1, 2, 3, 4, 5].flatMap((attempt) =>
    (result?.scenarios ?? []).map((scenario) => ({
      ...scenario,
      attempt,
      clients: scenario.clients.map((client) => ({
        ...client,
        phases: Object.fromEntries(Object.entries(client.phases).map(([phase, ms]) => [phase, ms * factor + attempt])),
      })),
    })),
  );
  await writeFile(file, JSON.stringify({ ...result, scenarios }));
  return file;
}

describe('pxewright images verify', () => {
  it('exits with 0 for good images, 1 for a cut one, and 3 for what is no image', async () => {
    const [bundle] = (await ensureBundles(['images/linux-group'])).values();
    const group = join(bundle?.folder ?? '', 'Images', 'Linux 2012');
    const cut = join(at(3), 'cut.wim');
    await copyFile(join(group, 'base.wim'), cut);
    await truncate(cut, 5000);
    const verified = await Promise.all(
      [[group], ['--json', cut], [folder(0)]].map((args) => pxewright(['images', 'verify', ...args])),
    );
    expect(verified.map(({ exitCode }) => exitCode)).toEqual([0, 1, 3]);
    expect(verified[0]?.stdout).toContain('no problems in 3 image files');
    expect(JSON.parse(verified[1]?.stdout ?? '')).toMatchObject({
      schema: 1,
      files: [
        {
          file: cut,
          problems: [{ problem: 'wim-truncated', whatToDo: expect.stringContaining('copy it again') as string }, {}],
        },
      ],
    });
    expect(verified[2]?.stderr).toContain('expected image files (.wim, .swm, .esd, .rwm) in this folder, got none');
    await rm(cut);
  });
});

describe('pxewright compare', () => {
  it('exits with 0 when nothing is worse, 1 when something is for certain, and 3 for what is no result', async () => {
    const [base, slower] = await Promise.all([written('base.json', 1), written('slower.json', 2)]);
    const same = await pxewright(['compare', base, base]);
    const worse = await pxewright(['compare', base, slower]);
    const unusable = await pxewright(['compare', folder(1), join(folder(1), 'junit.xml')]);
    expect([same.exitCode, worse.exitCode, unusable.exitCode]).toEqual([0, 1, 3]);
  });
});

describe('pxewright merge-reports', () => {
  it('makes one run of the shards, evidence included, and exits as one run would', async () => {
    const merged = await pxewright(['merge-reports', folder(0), folder(1), '--out', at(2)]);
    expect(merged.exitCode).toBe(1);
    const run = await onlyRun(at(2));
    expect(resultSchema.parse(run.result).scenarios.map(({ id, attempt, verdict }) => [id, attempt, verdict])).toEqual([
      ['fails', 1, 'failed'],
      ['fails', 2, 'failed'],
      ['silent', 1, 'passed'],
    ]);
    expect((await readdir(run.folder)).sort()).toEqual([
      'fails',
      'fails.attempt-2',
      'junit.xml',
      'report.html',
      'result.json',
      'silent',
    ]);
    const evidence = await Promise.all(
      run.result.scenarios.map(async ({ capture }) => (await readFile(join(run.folder, capture?.file ?? ''))).length),
    );
    expect(Math.min(...evidence)).toBeGreaterThan(1000);
  });

  it('exits with 3 for folders that are no runs, and for one run twice', async () => {
    const into = join(at(3), 'merged');
    const merges = await Promise.all(
      [[at(3)], [folder(1), folder(1)]].map((folders) => pxewright(['merge-reports', ...folders, '--out', into])),
    );
    expect(merges.map(({ exitCode }) => exitCode)).toEqual([3, 3]);
    expect(merges[1]?.stderr).toContain('silent is in more than one of the runs');
    // What could not be merged leaves no half of it.
    expect(await readdir(into).catch(() => [])).toEqual([]);
  });
});
