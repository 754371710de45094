import { relative } from 'node:path';
import { countedAttempts } from '../../reports/attempts.ts';
import { readResult } from '../../reports/json.ts';
import type { Result } from '../../reports/result.ts';
import { newestRun, runFolders } from '../../reports/run-folders.ts';
import { median } from '../../reports/statistics.ts';
import { UsageError } from './usage-error.ts';

/** What an earlier run tells, and which run that was, as a person would type it. */
export interface Told<T> {
  readonly from: string;
  readonly told: T;
}

/** Ids of the scenarios, each with its matrix cell, that did not pass in the newest run below `out`. */
export async function notPassedLastTime(out: string): Promise<Told<ReadonlySet<string>>> {
  const run = await newestRun(out);
  if (run === undefined)
    throw new UsageError(
      `--last-failed: expected an earlier run in ${out}, got none (--out says where runs are; merge-reports makes one run of shards)`,
    );
  const { scenarios } = await readResult(run);
  const bad = countedAttempts(scenarios).filter(({ verdict }) => verdict !== 'passed');
  return { from: shown(run), told: new Set(bad.map(({ id }) => id)) };
}

/**
 * How long each scenario took, by its id, in milliseconds: in the result that a user names, else in the newest run
 * below `out` that was a whole run. A single shard's run is passed over: the next shard on the same host would deal
 * otherwise than this one did.
 */
export async function recordedDurations(
  named: string | undefined,
  out: string,
): Promise<Told<ReadonlyMap<string, number>> | undefined> {
  if (named !== undefined) return { from: named, told: durationsOf(await readResult(named)) };
  for (const run of await runFolders(out)) {
    const result = await readResult(run).catch(() => undefined);
    if (result !== undefined && result.shard === undefined) return { from: shown(run), told: durationsOf(result) };
  }
  return undefined;
}

function durationsOf({ scenarios }: Result): ReadonlyMap<string, number> {
  const ran = scenarios.filter(({ verdict }) => verdict !== 'skipped');
  return new Map(
    [...Map.groupBy(ran, ({ id }) => id)].map(([id, all]) => [id, median(all.map(({ durationMs }) => durationMs))]),
  );
}

function shown(run: string): string {
  const short = relative('.', run);
  return short.startsWith('..') ? run : short;
}
