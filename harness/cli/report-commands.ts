import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { newRunFolder, RUN_FILES, RUNS_FOLDER } from '../../reports/file-names.ts';
import { readResult } from '../../reports/json.ts';
import { mergeResults, missingShards } from '../../reports/merge.ts';
import { newestRun } from '../../reports/run-folders.ts';
import { showReport } from '../../reports/show.ts';
import { exitCodeOf, EXIT } from './exit-codes.ts';
import { assertFolderCanBeMade } from './out-folder.ts';
import { reporterFor } from './reporters.ts';
import { UsageError } from './usage-error.ts';

/** `pxewright merge-reports`: one run folder out of several, evidence included, with a report over all of them. */
export async function mergeCommand(folders: readonly string[], options: { readonly out: string }): Promise<number> {
  const results = await Promise.all(folders.map(readResult));
  const merged = mergeResults(results);
  const out = resolve(options.out);
  await assertFolderCanBeMade('--out', out);
  const target = newRunFolder(out);
  await mkdir(target, { recursive: true });
  try {
    for (const folder of folders) await copyEvidence(folder, target);
  } catch (error) {
    // A half-copied run would pass for a whole one.
    await rm(target, { recursive: true, force: true });
    throw error;
  }
  await reporterFor([]).onRunEnd?.(merged, target);
  const missing = missingShards(results);
  if (missing.length > 0)
    process.stderr.write(`merge-reports: no result of shard ${missing.join(', ')}: empty, or not given\n`);
  return exitCodeOf(merged.verdict);
}

/** Copies the folders of a run's scenarios into a merged run. */
async function copyEvidence(run: string, target: string): Promise<void> {
  const entries = await readdir(run, { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory())) {
    // Two shards never run the same scenario; two runs of one scenario would overwrite each other's evidence.
    await cp(join(run, entry.name), join(target, entry.name), {
      recursive: true,
      errorOnExist: true,
      force: false,
    }).catch((error: unknown) => {
      throw new UsageError(
        `${entry.name} is in more than one of the runs: shards of one run were expected (${error instanceof Error ? error.message : String(error)})`,
      );
    });
  }
}

/** `pxewright show`: opens the report where somebody sits, and says where it is. */
export async function showCommand(report: string | undefined): Promise<number> {
  process.stdout.write(`${await showReport(report ?? (await newestReport()))}\n`);
  return EXIT.passed;
}

/** A run that is not over has no report yet. */
async function newestReport(): Promise<string> {
  const newest = await newestRun(RUNS_FOLDER, RUN_FILES.html);
  if (newest === undefined) throw new UsageError(`there is no run in ${RUNS_FOLDER}; pxewright run creates one`);
  return newest;
}
