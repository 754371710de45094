import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeResult } from '../../reports/json.ts';
import type { Result } from '../../reports/result.ts';
import { mixedResult, sampleClient, sampleResult, sampleScenario } from '../../reports/testing/sample-results.ts';
import { EXIT } from './exit-codes.ts';
import { compareCommand } from './compare-command.ts';
import { mergeCommand } from './report-commands.ts';
import { reportError } from './report-error.ts';
import { reporterFor } from './reporters.ts';

let folder = '';
let said = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-commands-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

/** The exit code of a command, as the command line has it. */
const exitOf = (command: Promise<number>): Promise<number> => command.catch(reportError);

/** What `pxewright run` and `merge-reports` do last. */
async function runEnds(result: Result, run: string): Promise<number> {
  await reporterFor(['junit']).onRunEnd?.(result, run);
  return EXIT.passed;
}

/** A run's folder whose result.json somebody has changed. */
async function damaged(name: string, change: (text: string) => string): Promise<string> {
  const run = join(folder, name);
  await mkdir(run, { recursive: true });
  const file = await writeResult(mixedResult(), run);
  await writeFile(file, change(await readFile(file, 'utf8')));
  return run;
}

describe('a damaged result.json', () => {
  it.each<[string, (text: string) => string, RegExp]>([
    ['cut', (text) => text.slice(0, 1000), /: expected a result\.json or a run's folder: .*JSON/],
    ['altered', (text) => text.replace('"schema": 1', '"schema": 7'), /: expected a result\.json .*: schema: /],
  ])('that is %s and given to compare or merge-reports is unusable input', async (name, change, message) => {
    const run = await damaged(name, change);
    const into = join(folder, `merged-${name}`);
    expect(await exitOf(compareCommand(run, run, {}))).toBe(EXIT.unusableInput);
    expect(said).toMatch(message);
    expect(said).toContain(join(run, 'result.json'));
    expect(await exitOf(mergeCommand([run], { out: into }))).toBe(EXIT.unusableInput);
    expect(await readdir(into).catch(() => [])).toEqual([]);
  });

  it('that a run of ours has written itself is the fault of the harness', async () => {
    const broken = sampleResult([sampleScenario({ clients: [sampleClient({ phases: { dhcp: -1 } })] })]);
    expect(await exitOf(runEnds(broken, join(folder, 'ours')))).toBe(EXIT.labError);
    expect(said).toContain('this is a fault of the harness, please report it');
  });
});
