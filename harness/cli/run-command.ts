import { resolve } from 'node:path';
import { newRunFolder } from '../../reports/file-names.ts';
import { duration, plural } from '../../reports/text.ts';
import { matricesOf } from '../plan/matrix-summary.ts';
import type { Plan } from '../plan/plan.ts';
import { runScenarios } from '../run/host/run-scenarios.ts';
import type { ProfileFiles } from '../run/host/run-plan.ts';
import { selectPlans, type Selections } from '../run/host/select.ts';
import { notPassedLastTime, recordedDurations, type Told } from './earlier-runs.ts';
import { exitCodeOf, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { listText } from './list-text.ts';
import { loadPlans } from './load-plans.ts';
import { assertCacheCanBeMade, assertFolderCanBeMade } from './out-folder.ts';
import { assertReportsCanBeWritten, reporterFor } from './reporters.ts';
import type { Shard } from '../run/host/shards.ts';
import { ownProfiles } from './profile-option.ts';
import { matrixOf, regexOf, shardOf, UsageError, wholeNumber } from './usage-error.ts';

export interface RunCommandOptions {
  readonly grep?: string;
  readonly tag: readonly string[];
  readonly matrix: readonly string[];
  readonly allowRoot?: readonly string[];
  readonly allowPrograms?: boolean;
  readonly list?: boolean;
  readonly lastFailed?: boolean;
  readonly passWithNoTests?: boolean;
  readonly repeat: string;
  readonly retries: string;
  readonly maxFailures?: string;
  readonly failFast?: boolean;
  readonly workers?: string;
  readonly shard?: string;
  readonly shardDurations?: string;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly fullCapture?: boolean;
  readonly cold?: boolean;
  readonly profile: readonly string[];
  readonly out: string;
  readonly reporter: readonly string[];
}

/** `pxewright run`: everything that can be wrong with the input is said before anything is installed or started. */
export async function runCommand(files: readonly string[], options: RunCommandOptions): Promise<number> {
  const out = resolve(options.out);
  const shard = options.shard === undefined ? undefined : shardOf(options.shard);
  if (options.shardDurations !== undefined && shard === undefined)
    throw new UsageError('--shard-durations: expected --shard with it, got none: only shards are balanced');
  const how = {
    accel: options.accel,
    fullCapture: options.fullCapture ?? false,
    cold: options.cold ?? false,
    workers: options.workers === undefined ? undefined : wholeNumber('--workers', options.workers, 1, 256),
    retries: wholeNumber('--retries', options.retries, 0, 10),
    maxFailures: maxFailuresOf(options),
    reporter: reporterFor(options.reporter),
  };
  const { plans, matrices } = await loadPlans(files.length > 0 ? files : ['scenarios'], {
    matrix: matrixOf(options.matrix),
    allowRoots: options.allowRoot,
    allowPrograms: options.allowPrograms,
  });
  const profiles = await profilesFor(options.profile);
  const last = options.lastFailed ? await notPassedLastTime(out) : undefined;
  if (last?.told.size === 0) {
    say(`--last-failed: nothing failed in ${last.from}, so there is nothing to run`);
    return EXIT.passed;
  }
  const durations = shard === undefined ? undefined : await recordedDurations(options.shardDurations, out);
  const chosen = selectPlans(plans, {
    grep: options.grep === undefined ? undefined : regexOf('--grep', options.grep),
    tags: options.tag,
    only: last?.told,
    shard,
    durationsMs: durations?.told,
    repeat: wholeNumber('--repeat', options.repeat, 1, 1000),
  });
  if (chosen.selected.length === 0) return nothingToRun(plans, chosen, options, { last, shard });
  if (options.list) {
    const chosenPlans = [...new Set(chosen.selected.map(({ plan }) => plan))];
    process.stdout.write(listText({ plans: chosenPlans, matrices: matricesOf(chosenPlans, matrices) }));
    return EXIT.passed;
  }
  await assertFolderCanBeMade('--out', out);
  await assertReportsCanBeWritten(options.reporter);
  await assertCacheCanBeMade();
  if (last) say(`--last-failed: ${plural(last.told.size, 'scenario')} of ${last.from} did not pass`);
  if (shard) say(`--shard ${shard.n}/${shard.of}: ${shareText(plans, chosen, durations)}`);
  const { signal, dispose } = interruptSignal();
  try {
    const result = await runScenarios({
      ...how,
      selected: chosen.selected,
      matrices,
      profiles,
      runFolder: newRunFolder(out),
      ...(shard && chosen.partition !== undefined ? { shard: { ...shard, partition: chosen.partition } } : {}),
      signal,
    });
    // Not by itself: a set-up that was given up may still wait for its processes, which end with this one.
    if (signal.aborted) process.exit(EXIT.labError);
    return exitCodeOf(result.verdict);
  } finally {
    dispose();
  }
}

/** Profiles of the user's own; the command that runs a scenario again names their files from anywhere. */
async function profilesFor(files: readonly string[]): Promise<ProfileFiles | undefined> {
  const profiles = files.length === 0 ? undefined : await ownProfiles(files);
  return profiles && { files: files.map((file) => resolve(file)), profiles };
}

function maxFailuresOf({ failFast, maxFailures }: RunCommandOptions): number | undefined {
  if (failFast) return 1;
  return maxFailures === undefined ? undefined : wholeNumber('--max-failures', maxFailures, 1, 100_000);
}

/** An empty selection is a mistake, unless the user said that it is none. */
function nothingToRun(
  plans: readonly Plan[],
  { matching }: Selections,
  options: RunCommandOptions,
  { last, shard }: { readonly last: Told<ReadonlySet<string>> | undefined; readonly shard: Shard | undefined },
): number {
  const why =
    matching > 0 && shard !== undefined
      ? `shard ${shard.n}/${shard.of} is empty: ${plural(matching, 'scenario')} for ${shard.of} shards`
      : `no scenario matches: ${plans.length} found, none with ${describe(options, last)} (pxewright list shows them)`;
  if (!options.passWithNoTests) throw new UsageError(`${why}; --pass-with-no-tests takes this for success`);
  say(`${why}; --pass-with-no-tests takes this for success`);
  return EXIT.passed;
}

function describe(options: RunCommandOptions, last: Told<ReadonlySet<string>> | undefined): string {
  const parts = [
    options.grep && `--grep ${options.grep}`,
    ...options.tag.map((tag) => `--tag ${tag}`),
    last && `--last-failed (${[...last.told].join(', ')} in ${last.from})`,
    options.shard && `--shard ${options.shard}`,
  ];
  return parts.filter(Boolean).join(' ') || 'these options';
}

/** How much of the whole this shard is, so that people see whether the shards are balanced. */
function shareText(
  plans: readonly Plan[],
  { selected, matching }: Selections,
  durations: Told<ReadonlyMap<string, number>> | undefined,
): string {
  const mine = new Set(selected.map(({ plan }) => plan.id));
  const count = `${mine.size} of ${plural(matching, 'scenario')}`;
  if (durations === undefined) return `${count}, by number: no whole run is recorded (--shard-durations names one)`;
  const known = plans.filter(({ id }) => mine.has(id) && durations.told.has(id));
  const ms = known.reduce((sum, { id }) => sum + (durations.told.get(id) ?? 0), 0);
  return `${count}; ${known.length} of them took ${duration(ms)} in ${durations.from}`;
}

/** Standard output belongs to reporters. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
