import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGitHubReporter, summaryMarkdown } from './github.ts';
import { mixedResult, sampleResult, sampleScenario } from './testing/sample-results.ts';

test('the job summary says what failed, why, and how to run it again', () => {
  const text = summaryMarkdown(mixedResult());
  expect(text).toContain('1 error, 1 failed, 1 skipped, 2 passed');
  expect(text).toContain('failed as expected: tftp.transfer');
  expect(text).toMatch(/actual: ERROR code 1/);
  expect(text).toContain('    npm run -s pxewright -- run scenarios/pxe/uefi.yaml --matrix firmware=uefi');
});

test('a scenario name cannot become markup, a table cell, a link or a mention', () => {
  const text = summaryMarkdown(
    sampleResult([sampleScenario({ name: 'a|b <img src=x> [l](https://e.example) @team\n# h' })]),
  );
  const row = text.split('\n').find((line) => line.includes('team')) ?? '';
  expect(row).not.toMatch(/<img|\]\(|@team|https:\/\/|a\|b/);
  expect(row.split('|')).toHaveLength(8);
});

test('appends to the file that GitHub names and to no other', async () => {
  const write = (): void => undefined;
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-github-'));
  const path = join(folder, 'summary.md');
  await createGitHubReporter({ env: { GITHUB_STEP_SUMMARY: path }, write }).onRunEnd?.(mixedResult(), folder);
  await createGitHubReporter({ env: {}, write }).onRunEnd?.(mixedResult(), folder);
  expect((await readFile(path, 'utf8')).match(/## /g)).toHaveLength(3); // the title and two failures' `###`
  await rm(folder, { recursive: true });
});
