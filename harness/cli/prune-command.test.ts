import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeResult } from '../../reports/json.ts';
import { linkLatest } from '../../reports/run-folders.ts';
import { sampleResult, sampleScenario } from '../../reports/testing/sample-results.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { writeRunMark } from '../run/host/run-mark.ts';
import { EXIT } from './exit-codes.ts';
import { pruneCommand, type PruneCommandOptions } from './prune-command.ts';
import { reportError } from './report-error.ts';

const RUNS = ['2026-01-01T00-00-00-aaaa', '2026-01-02T00-00-00-bbbb', '2026-01-03T00-00-00-cccc'] as const;
const MARK = '.pxewright-run.json';

let out: Awaited<ReturnType<typeof temporaryFolder>>;
let said = '';
beforeEach(async () => {
  out = await temporaryFolder();
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await out[Symbol.asyncDispose]();
});

const at = (...parts: string[]): string => join(out.path, ...parts);
const prune = (options: PruneCommandOptions, folder = out.path): Promise<number> =>
  pruneCommand(folder, options).catch(reportError);
const left = async (): Promise<string[]> => (await readdir(out.path)).toSorted();

async function threeRuns(): Promise<void> {
  for (const name of RUNS) {
    await writeResult(sampleResult([sampleScenario()]), at(name));
    await mkdir(at(name, 'evidence'));
    await writeFile(at(name, 'evidence', 'capture.pcap'), Buffer.alloc(100_000));
    await linkLatest(at(name));
  }
}

describe('pxewright prune', () => {
  it('removes old runs, says which and how much, and leaves the rest and `latest` right', async () => {
    await threeRuns();
    expect(await prune({ keep: '1' })).toBe(EXIT.passed);
    expect(await left()).toEqual([RUNS[2], 'latest']);
    for (const name of RUNS.slice(0, 2))
      expect(said).toMatch(new RegExp(`^removed {2}${at(name)} {2}1\\d\\d(\\.\\d)? kB$`, 'm'));
    expect(said).toMatch(/^2 runs removed, 2\d\d(\.\d)? kB freed; 1 run kept, 1\d\d(\.\d)? kB$/m);
    expect(await readlink(at('latest'))).toBe(RUNS[2]);
  });

  it('only says what it would do with --dry-run', async () => {
    await threeRuns();
    expect(await prune({ olderThan: '1d', dryRun: true })).toBe(EXIT.passed);
    expect(said).toMatch(/3 runs would be removed, .* would be freed; 0 runs kept/);
    expect(await left()).toHaveLength(4);
  });

  it('lets `latest` lead to the newest run that is left, and takes it away with the last one', async () => {
    await threeRuns();
    await linkLatest(at(RUNS[0]));
    await prune({ keep: '2' });
    expect(await readlink(at('latest'))).toBe(RUNS[2]);
    await prune({ maxSize: '1kB' });
    expect(await left()).toEqual([]);
  });

  it('touches nothing that is no run of ours, and nothing that a link leads to', async () => {
    await using other = await temporaryFolder();
    await writeResult(sampleResult([sampleScenario()]), join(other.path, RUNS[0]));
    await symlink(join(other.path, RUNS[0]), at(RUNS[0]));
    // Called like a run, but nothing of one in it; and the other way round.
    await mkdir(at(RUNS[1]));
    await writeFile(at(RUNS[1], 'result.json'), '{"mine": true}');
    await writeResult(sampleResult([sampleScenario()]), at('kept-for-the-auditor'));
    await writeResult(sampleResult([sampleScenario()]), at(RUNS[2]));
    await symlink(other.path, at(RUNS[2], 'evidence'));
    expect(await prune({ keep: '0' })).toBe(EXIT.passed);
    expect(await left()).toEqual([RUNS[0], RUNS[1], 'kept-for-the-auditor']);
    expect(said).toContain(`left alone  ${at(RUNS[1])}: nothing in it says that it is a run of pxewright`);
    expect(await readdir(join(other.path, RUNS[0]))).toEqual(['result.json']);
  });

  it('removes a run that was killed, and never one that is going on', async () => {
    const [killed, alive, elsewhere] = RUNS.map((name) => at(name));
    for (const name of RUNS) {
      await mkdir(at(name));
      await writeRunMark(at(name));
    }
    // The process of the first one is no more; its number may be another one's by now.
    const gone = spawn('true');
    await once(gone, 'exit');
    const mark = JSON.parse(await readFile(join(alive ?? '', MARK), 'utf8')) as Record<string, unknown>;
    await writeFile(join(killed ?? '', MARK), JSON.stringify({ ...mark, pid: gone.pid }));
    await writeFile(join(elsewhere ?? '', MARK), JSON.stringify({ ...mark, bootId: 'of another host' }));
    expect(await prune({ keep: '0' })).toBe(EXIT.passed);
    expect(await left()).toEqual([RUNS[1], RUNS[2]]);
    expect(said).toContain(`going on  ${alive}\n`);
    // A run of another host whose folder has not changed for days is over.
    await utimes(elsewhere ?? '', new Date(), new Date(Date.now() - 3 * 86_400_000));
    await prune({ keep: '0' });
    expect(await left()).toEqual([RUNS[1]]);
  });

  it.each<[PruneCommandOptions, string]>([
    [{}, 'expected --older-than AGE, --keep N or --max-size SIZE, got none of them'],
    [{ dryRun: true }, 'got none of them'],
    [{ olderThan: '7' }, '--older-than: expected an age such as 90m, 12h, 7d or 4w, got "7"'],
    [{ keep: '-1' }, '--keep: expected a whole number'],
    [{ maxSize: '2' }, '--max-size: expected a size such as 500MB or 2GiB, got "2"'],
  ])('refuses %j as unusable input', async (options, message) => {
    await threeRuns();
    expect(await prune(options)).toBe(EXIT.unusableInput);
    expect(said).toContain(message);
    expect(await left()).toHaveLength(4);
  });

  it('takes a link to a folder of runs for the folder, and refuses what is none', async () => {
    await threeRuns();
    await using links = await temporaryFolder();
    await symlink(out.path, join(links.path, 'runs'));
    expect(await prune({ keep: '3' }, join(links.path, 'runs'))).toBe(EXIT.passed);
    expect(said).toContain('3 runs kept');
    for (const folder of [at('no-such'), at(RUNS[0], 'result.json')]) {
      expect(await prune({ keep: '0' }, folder)).toBe(EXIT.unusableInput);
      expect(said).toContain(`prune: expected a folder with runs, got ${folder}`);
    }
    expect((await lstat(at(RUNS[0]))).isDirectory()).toBe(true);
  });
});
