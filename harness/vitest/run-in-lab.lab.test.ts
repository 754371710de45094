import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestCase } from 'vitest/node';
import { startVitest } from 'vitest/node';
import { LATEST_LINK } from '../../reports/file-names.ts';
import { resultSchema } from '../../reports/result.ts';

// The entry point with its own runner: vitest runs a user's file, which boots two VMs.

let runs = '';
let tests: readonly TestCase[] = [];
let close = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
  const vitest = await startVitest([], {
    config: false,
    root: join(import.meta.dirname, 'testdata'),
    watch: false,
    reporters: [{}],
    include: ['lab.fixture.ts'],
    cache: false,
    env: { PXEWRIGHT_TEST_RUNS: runs },
  });
  close = () => vitest.close();
  tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
  // The test checks the fixture's failure; it is not a failure of this run.
  process.exitCode = undefined;
}, 240_000);
afterAll(async () => {
  await close();
  await rm(runs, { recursive: true, force: true });
});

describe('scenarios in vitest, booted in a lab', () => {
  it('pass and fail as pxewright run judges them', () => {
    expect(tests.map((test) => [test.fullName, test.result().state])).toEqual([
      ['Silence that is a failure > fails', 'failed'],
      ['Silence that is expected > silent', 'passed'],
    ]);
  });

  it('name the step, the cause, the report and the command in the failure', () => {
    const message = tests[0]?.result().errors?.[0]?.message ?? '';
    expect(message).toMatch(/^fails: failed: dhcp\.offer: no DHCP server answered/);
    expect(message).toMatch(
      /\npc: dhcp\.offer at \d+\.\d s, frame 1 \(dhcp-silent\)\n {2}expected: an OFFER within 3000 ms\n/,
    );
    const report = /^report: (.*)$/m.exec(message)?.[1] ?? '';
    expect(report.startsWith(join(runs, 'reports', 'runs'))).toBe(true);
    expect(existsSync(report)).toBe(true);
    expect(message).toMatch(/^run it again: .*fails\.yaml$/m);
  });

  it('leave the evidence of every run', async () => {
    const folders = (await readdir(join(runs, 'reports', 'runs'))).filter((name) => name !== LATEST_LINK);
    const results = await Promise.all(
      folders.map(async (folder) =>
        resultSchema.parse(JSON.parse(await readFile(join(runs, 'reports', 'runs', folder, 'result.json'), 'utf8'))),
      ),
    );
    expect(results.map(({ verdict }) => verdict).sort()).toEqual(['failed', 'passed']);
    expect(results.every(({ scenarios }) => (scenarios[0]?.capture?.frames ?? 0) > 3)).toBe(true);
  });
});
