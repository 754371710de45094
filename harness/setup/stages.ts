import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
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
  const outcome = counted
    ? { ...counted, failed: Math.max(counted.failed, ok ? 0 : 1) }
    : { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${stage.title.padEnd(28)} ${seconds.padStart(6)} s${counted ? `  ${counted.passed} passed, ${counted.failed} failed` : ''}\n`,
  );
  if (!ok && !stage.live) process.stdout.write(`${result.all.trimEnd()}\n`);
  return { title: stage.title, ...outcome };
}

async function vitestCounts(report: string): Promise<{ passed: number; failed: number; skipped: number } | undefined> {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      await readFile(report, 'utf8'),
    ) as Record<string, number>;
    return {
      passed: numPassedTests ?? 0,
      failed: numFailedTests ?? 0,
      skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
    };
  } catch {
    return undefined;
  } finally {
    await rm(report, { force: true });
  }
}

/** The closing line that a CI reads: `N passed, N failed`, with `, N skipped` where some were. */
export function summarise(outcomes: readonly StageOutcome[]): string {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
