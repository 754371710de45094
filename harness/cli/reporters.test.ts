import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { RUN_FILES } from '../../reports/file-names.ts';
import type { Result } from '../../reports/result.ts';
import { mixedResult } from '../../reports/testing/sample-results.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { assertReportsCanBeWritten, reporterFor } from './reporters.ts';
import { UsageError } from './usage-error.ts';

const RUN = '2026-11-24T12-00-00-aaaa';

/** What a run's end writes on the two standard streams. */
async function shown(texts: readonly string[], folder: string, env = {}): Promise<{ out: string; err: string }> {
  const said = { out: '', err: '' };
  const spies = (['out', 'err'] as const).map((name) =>
    vi.spyOn(process[`std${name}`], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    await reporterFor(texts, env).onRunEnd?.(mixedResult(), folder);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said;
}

/** Paths that a text names and that are not there. */
const absent = (text: string): string[] =>
  [...text.matchAll(/^ *(?:report|result|junit) +(\/.*)$/gm)]
    .map(([, path = '']) => path)
    .filter((path) => !existsSync(path));

it('shows and writes everything that was asked for together; JSON has standard output to itself', async () => {
  await using out = await temporaryFolder();
  const run = join(out.path, RUN);
  const copy = join(out.path, 'ci', 'boots.xml');
  const { out: stdout, err } = await shown(['terminal', 'junit', `junit=${copy}`, 'github', 'json', 'json'], run);
  expect((JSON.parse(stdout) as Result).scenarios).toHaveLength(mixedResult().scenarios.length);
  expect(err).toContain('1 error, 1 failed, 1 skipped, 2 passed');
  expect(err).toMatch(/^::error file=scenarios\/pxe\/uefi\.yaml,line=1,title=failed%3A /m);
  for (const path of [join(run, RUN_FILES.html), join(run, RUN_FILES.result), join(run, RUN_FILES.junit), copy])
    expect(err).toContain(` ${path}\n`);
  expect(absent(err)).toEqual([]);
  expect(await readFile(copy, 'utf8')).toBe(await readFile(join(run, RUN_FILES.junit), 'utf8'));
  expect(await readlink(join(out.path, 'latest'))).toBe(RUN);
});

it.each([
  ['nothing', [], ['result', 'junit', 'report'], ''],
  ['github alone', ['github'], ['result', 'junit', 'report'], 'err'],
])('names the paths of what was written when %s was asked for', async (_, texts, whats, stream) => {
  await using out = await temporaryFolder();
  const said = await shown(texts, join(out.path, RUN));
  const text = stream === 'err' ? said.err : said.out;
  expect([...text.matchAll(/^ *(report|result|junit) +\//gm)].map(([, what]) => what)).toEqual(whats);
  expect(absent(text)).toEqual([]);
});

it("writes GitHub's annotations by itself in GitHub's CI, and nowhere else", async () => {
  await using out = await temporaryFolder();
  const said = await shown([], join(out.path, RUN), { GITHUB_ACTIONS: 'true' });
  expect(said.out).toMatch(/^::error file=/m);
  expect((await shown([], join(out.path, RUN))).out).not.toContain('::error');
});

it.each([
  [
    'xml',
    '--reporter: unknown reporter "xml" (known: terminal, json, junit, html, github; every run writes junit and html)',
  ],
  ['toString', '--reporter: unknown reporter "toString"'],
  ['terminal=x.txt', '--reporter: expected NAME, or NAME=FILE for json and junit, got "terminal=x.txt"'],
  ['junit=', 'got "junit="'],
])('refuses %s', (text, message) => {
  expect(() => reporterFor([text])).toThrow(UsageError);
  expect(() => reporterFor([text])).toThrow(message);
});

it('refuses a file that cannot be made, before anything runs', async () => {
  await using out = await temporaryFolder();
  await expect(assertReportsCanBeWritten([`junit=${out.path}`])).rejects.toThrow(
    `--reporter: expected a file to write, got ${out.path}: a folder`,
  );
  await expect(assertReportsCanBeWritten(['json=/proc/x/result.json'])).rejects.toThrow(
    'no folder can be made in /proc',
  );
  await assertReportsCanBeWritten(['terminal', `json=${join(out.path, 'new', 'result.json')}`]);
  expect(await readdir(out.path)).toEqual([]);
});
