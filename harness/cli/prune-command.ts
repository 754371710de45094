import { lstat, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LATEST_LINK, RUN_FOLDER_NAME, runStartMs } from '../../reports/file-names.ts';
import { runsToRemove, type PrunableRun, type PruneCriteria } from '../../reports/prune.ts';
import { linkLatest, newestRun, runFolders } from '../../reports/run-folders.ts';
import { byteCount, plural } from '../../reports/text.ts';
import { runState } from '../run/host/run-mark.ts';
import { EXIT } from './exit-codes.ts';
import { ageOf, sizeOf, UsageError, wholeNumber } from './usage-error.ts';

export interface PruneCommandOptions {
  readonly olderThan?: string;
  readonly keep?: string;
  readonly maxSize?: string;
  readonly dryRun?: boolean;
}

interface Run extends PrunableRun {
  readonly path: string;
}

/** `pxewright prune`: removes run folders of ours and nothing else; says which, and how much that freed. */
export async function pruneCommand(folder: string, options: PruneCommandOptions): Promise<number> {
  const criteria = criteriaOf(options);
  // The folder itself may be a link: to a disk with more room.
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory())
    throw new UsageError(
      `prune: expected a folder with runs, got ${folder}: ${entry ? 'no folder' : 'nothing is there'}`,
    );
  const { runs, strangers } = await runsIn(folder);
  const removed = runsToRemove(runs, criteria, Date.now());
  const failures = new Map<Run, string>();
  let freed = 0;
  for (const run of removed) {
    const { path, bytes } = run;
    try {
      if (!options.dryRun) await rm(path, { recursive: true });
      freed += bytes;
      say(`${options.dryRun ? 'would remove' : 'removed'}  ${path}  ${byteCount(bytes)}`);
    } catch (error) {
      failures.set(run, `${path} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (!options.dryRun) await mendLatest(folder);
  for (const run of runs.filter(({ goingOn }) => goingOn)) say(`going on  ${run.path}`);
  for (const path of strangers) say(`left alone  ${path}: nothing in it says that it is a run of pxewright`);
  const left = runs.filter((run) => !removed.includes(run) || failures.has(run));
  const keptText = `${plural(left.length, 'run')} kept, ${byteCount(left.reduce((sum, { bytes }) => sum + bytes, 0))}`;
  const count = removed.length - failures.size;
  say(
    `${plural(count, 'run')} ${options.dryRun ? 'would be ' : ''}removed, ${byteCount(freed)} ${options.dryRun ? 'would be ' : ''}freed; ${keptText}`,
  );
  for (const failure of failures.values()) process.stderr.write(`pxewright: ${failure}\n`);
  return failures.size > 0 ? EXIT.labError : EXIT.passed;
}

function criteriaOf({ olderThan, keep, maxSize }: PruneCommandOptions): PruneCriteria {
  if (olderThan === undefined && keep === undefined && maxSize === undefined)
    throw new UsageError('prune: expected --older-than AGE, --keep N or --max-size SIZE, got none of them');
  return {
    olderThanMs: olderThan === undefined ? undefined : ageOf('--older-than', olderThan),
    keep: keep === undefined ? undefined : wholeNumber('--keep', keep, 0, 1_000_000),
    maxBytes: maxSize === undefined ? undefined : sizeOf('--max-size', maxSize),
  };
}

/** Runs of ours, and folders that are only called like one. */
async function runsIn(folder: string): Promise<{ runs: Run[]; strangers: string[] }> {
  const runs: Run[] = [];
  const strangers: string[] = [];
  for (const path of await runFolders(folder)) {
    const state = await runState(path);
    if (state === 'unknown') strangers.push(path);
    else
      runs.push({
        path,
        startedMs: runStartMs(path),
        bytes: await bytesBelow(path),
        goingOn: state === 'going on',
      });
  }
  return { runs, strangers };
}

/** Bytes that the disk has for a folder and what is below it. Links are not followed. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    ['.', ...entries].map((entry) =>
      // A file of a run that is going on may have gone since.
      lstat(join(folder, entry)).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Where the run that `latest` led to is gone, lets it lead to the newest one that is left, or takes it away. */
async function mendLatest(folder: string): Promise<void> {
  const link = join(folder, LATEST_LINK);
  const target = await readlink(link).catch(() => undefined);
  if (target === undefined || !RUN_FOLDER_NAME.test(target)) return;
  if (await lstat(join(folder, target)).catch(() => undefined)) return;
  const newest = await newestRun(folder);
  if (newest === undefined) await rm(link, { force: true });
  else await linkLatest(newest);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
