import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import type { JsonTestResults } from 'vitest/node';
import { PACKAGE_FOLDER } from './installation.ts';

/** One program of the self-test. With `report` it is vitest and counts its own tests; otherwise it counts as one. */
export interface Stage {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  /** Where vitest leaves its counts as JSON. */
  readonly report?: string;
  /** Output is shown as it comes, not only on failure: for stages that take minutes. */
  readonly live?: boolean;
}

export interface StageOutcome {
  readonly title: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each by its name: a stage, or a test with its file and why. */
  readonly failures: readonly string[];
}

/** A vitest project as a stage. */
export function vitestStage(project: 'unit' | 'lab'): Stage {
  const report = join(tmpdir(), `pxewright-${project}-${process.pid}.json`);
  return {
    title: `${project} tests`,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    report,
    live: project === 'lab',
  };
}

/** Runs stages side by side; says for each, as it ends, how it went, and shows the output of those that failed. */
export async function runStages(stages: readonly Stage[]): Promise<StageOutcome[]> {
  return Promise.all(stages.map(runStage));
}

async function runStage(stage: Stage): Promise<StageOutcome> {
  const startedMs = performance.now();
  const [command, ...args] = stage.command;
  const result = await execa(command, args, {
    cwd: PACKAGE_FOLDER,
    preferLocal: true,
    localDir: PACKAGE_FOLDER,
    reject: false,
    all: true,
    stdin: 'ignore',
    ...(stage.live ? { stdout: ['pipe', 'inherit'], stderr: ['pipe', 'inherit'] } : {}),
  } as const);
  const counted = stage.report === undefined ? undefined : await vitestCounts(stage.report);
  const ok = result.exitCode === 0;
  // A stage that exits badly has failed, whatever it counted.
  const failed = Math.max(counted?.failed ?? 0, ok ? 0 : 1);
  const named = counted?.failures ?? [];
  const outcome = {
    passed: counted?.passed ?? (ok ? 1 : 0),
    failed,
    skipped: counted?.skipped ?? 0,
    failures: named.length > 0 || ok ? named : [stage.title],
  };
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${stage.title.padEnd(28)} ${seconds.padStart(6)} s${counted ? `  ${counted.passed} passed, ${failed} failed` : ''}\n`,
  );
  if (!ok && !stage.live) process.stdout.write(`${result.all.trimEnd()}\n`);
  return { title: stage.title, ...outcome };
}

type Counts = Omit<StageOutcome, 'title'>;

async function vitestCounts(report: string): Promise<Counts | undefined> {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      await readFile(report, 'utf8'),
    ) as JsonTestResults;
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests + numTodoTests,
      failures: testResults.flatMap(failuresOf),
    };
  } catch {
    return undefined;
  } finally {
    await rm(report, { force: true });
  }
}

/** Characters of a failure's first line: enough for what a scenario's failed steps saw. */
const MOST_OF_A_WHY = 1_000;

/** A file that failed without a failed test could not be loaded, or a hook of it failed. */
function failuresOf(file: JsonTestResults['testResults'][number]): string[] {
  const name = relative(PACKAGE_FOLDER, file.name);
  const tests = file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ ancestorTitles, title, failureMessages }) => {
      const [why = ''] = (failureMessages?.[0] ?? '').split('\n');
      return `${[name, ...ancestorTitles, title].join(' > ')}: ${why.slice(0, MOST_OF_A_WHY)}`;
    });
  return tests.length > 0 || file.status !== 'failed' ? tests : [name];
}

/** What failed, by name, and the closing line that a CI reads: a log that is cut at its head still says both. */
export function conclusion(outcomes: readonly StageOutcome[]): string {
  return [...outcomes.flatMap(({ failures }) => failures.map((name) => `FAILED ${name}`)), summarise(outcomes)]
    .map((line) => `${line}\n`)
    .join('');
}

/** The closing line that a CI reads: `N passed, N failed`, with `, N skipped` where some were. */
function summarise(outcomes: readonly StageOutcome[]): string {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
