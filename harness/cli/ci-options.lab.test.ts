import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { pxewright, QUICK_SCENARIOS, type Finished } from '../run/testing/pxewright.ts';

// A CI job that ends at the first failure with every reporter there is, and what a developer does about it afterwards.

let out: Awaited<ReturnType<typeof temporaryFolder>>;
let first: Finished;
let firstRun = '';
beforeAll(async () => {
  out = await temporaryFolder();
  const reporters = ['terminal', 'json', 'github', 'junit', `junit=${join(out.path, 'boots.xml')}`];
  first = await pxewright(
    ['run', QUICK_SCENARIOS, '-x', '--workers', '1', '--out', join(out.path, 'runs')].concat(
      reporters.flatMap((name) => ['--reporter', name]),
    ),
    { GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: join(out.path, 'summary.md') },
  );
  firstRun = await realpath(join(out.path, 'runs', 'latest'));
}, 240_000);
afterAll(() => out[Symbol.asyncDispose]());

describe('pxewright run --fail-fast', () => {
  it('begins nothing after a failure, says what was not run, and exits with 1', async () => {
    const why = 'not run: the run ended after 1 failure (--max-failures 1)';
    const { scenarios } = JSON.parse(first.stdout) as Result;
    expect(scenarios.map(({ id, verdict, notRun }) => [id.split('/').at(-1), verdict, notRun])).toEqual([
      ['fails', 'failed', undefined],
      ['silent', 'skipped', true],
    ]);
    expect(scenarios[1]?.why).toBe(why);
    expect(first.stderr).toContain(`1 scenario: ${why}`);
    expect(await readFile(join(out.path, 'boots.xml'), 'utf8')).toContain(`<skipped message="${why}"/>`);
    expect(first.exitCode).toBe(1);
  });

  it('annotates the line of the step that did not happen, and prints paths of files that are there', async () => {
    const file = `${QUICK_SCENARIOS}/fails.yaml`;
    const lines = (await readFile(file, 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.includes('- dhcp.offer')) + 1;
    expect(first.stderr).toMatch(new RegExp(`^::error file=${file},line=${line},title=failed%3A fails::`, 'm'));
    const paths = [...first.stderr.matchAll(/^ *(?:report|result|junit|capture) +(\/\S+)/gm)].map(([, path]) => path);
    expect(paths).toEqual(
      expect.arrayContaining([join(firstRun, 'report.html'), join(firstRun, 'junit.xml'), join(out.path, 'boots.xml')]),
    );
    expect(paths.filter((path) => !existsSync(path ?? ''))).toEqual([]);
    expect(await readFile(join(out.path, 'summary.md'), 'utf8')).toContain('1 failed, 1 skipped');
  });
});

describe('pxewright run --last-failed', () => {
  it('runs what the last run did not see pass, and then has nothing to do', { timeout: 120_000 }, async () => {
    const again = (...args: string[]) =>
      pxewright(['run', QUICK_SCENARIOS, '--last-failed', '--out', join(out.path, 'runs'), ...args]);
    // What was not run counts as not passed: here it is all that this selection leaves.
    const silent = await again('--grep', 'silent');
    expect(silent.stderr).toContain(`--last-failed: 2 scenarios of ${firstRun} did not pass`);
    expect(silent.exitCode).toBe(0);
    const passed = await realpath(join(out.path, 'runs', 'latest'));
    expect(passed).not.toBe(firstRun);
    const nothing = await again();
    expect(nothing.stderr).toContain(`--last-failed: nothing failed in ${passed}, so there is nothing to run`);
    expect(nothing.exitCode).toBe(0);
  });
});
