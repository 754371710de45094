import type { JobEnd, JobStart } from '../../state/job-log.ts';
import { Option } from 'commander';
import { ManagementError } from '../../state/management-error.ts';
import { size } from './backup-text.ts';
import { manifestOf, namedBackup, nameOf, type Backup } from './catalogue.ts';
import { oldTemporaryFiles, pruneStore, removeStaleLocks } from './prune-store.ts';
import { withJob } from './jobs.ts';
import { DamagedBackupError, type BackupStore } from './restic.ts';
import { decideRetention, type Retention } from './retention.ts';
import { readSchedule } from './schedule.ts';
import { withScratch } from './scratch.ts';
import { print } from '../manage/print.ts';
import {
  AGE_HELP,
  ageMs,
  BACKUP,
  catalogueOf,
  count,
  DAY_MS,
  ofClient,
  storeOf,
  type AddVerb,
  type StoreOptions,
} from './store-options.ts';
import { recordVerified, type Verified } from './verification-record.ts';
import { verifyBackup, verifyStore, type StoreProblem, type VerifiedBackup } from './verify-store.ts';

/** `verify` and `prune`: what reads or changes the whole store. */
export function addMaintenanceVerbs(verb: AddVerb): void {
  verb('verify', 'read all data of backups, and say what is damaged or missing')
    .argument('[backups...]', BACKUP)
    .option('--all', 'all backups, and all data of the store')
    .addHelpText(
      'after',
      `
A backup: its manifest, table, boot code and the stream of each partition are read and compared with their hashes and sizes.
--all: reads every pack of the store once; if one is damaged, it finds out which backups that concerns. Keeps clients out
of the store meanwhile.
list and show tell the last outcome. Exit: 0 all of it is whole, 1 something is damaged or missing.`,
    )
    .action(verify);

  verb('prune', 'remove old backups and what cut ones left behind')
    .option('--keep-last <n>', 'keep the newest n of each client', count)
    .option('--keep-daily <n>', 'keep the newest of each of n days (UTC)', count)
    .option('--keep-weekly <n>', 'keep the newest of each of n weeks (from Monday, UTC)', count)
    .option('--keep-within <age>', `keep what is at most so much older than the client's newest, ${AGE_HELP}`, ageMs)
    .option('--client <name>', 'only backups of this client')
    .option('--unfinished <age>', 'remove backups without a manifest that are older than this; default 1d', ageMs)
    .option('--retry-lock <age>', `wait so long for others who use the store, ${AGE_HELP}; default: not at all`, ageMs)
    .option('--unlock', 'first remove stale locks: those of programs that are gone')
    .option('--dry-run', 'only say what would be removed')
    // A lab says so: its retention is no command of a person's.
    .addOption(new Option('--by <maker>').choices(['lab']).hideHelp())
    .addHelpText(
      'after',
      `
A backup stays if one rule keeps it. Without a rule those of the store's schedule decide (services.backups.schedule.keep), and where
there are none, only what cut backups left behind is removed. The newest complete backup of a client always stays. Parents may go: backups share data, which stays as long as one of them needs it.
Keeps clients out of the store meanwhile, and removes nothing while one of them uses it; --retry-lock waits.

Examples:
  pxewright backups prune --store ./backups --keep-last 3 --keep-weekly 8 --dry-run
  pxewright backups prune --store ./backups --keep-last 3 --keep-weekly 8`,
    )
    .action(prune);
}

async function verify(names: readonly string[], options: StoreOptions & { all?: boolean }): Promise<void> {
  if ((options.all === true) === names.length > 0)
    throw new ManagementError(`expected backups or --all, got ${names.length > 0 ? 'both' : 'neither'}`);
  const store = storeOf(options);
  const { backups: all } = await catalogueOf(options);
  const chosen = options.all === true ? all.filter(({ state }) => state !== 'unfinished') : chosenOf(all, names);
  const { packs, verified } = await withJob(
    store,
    { kind: 'verify', by: 'command', ...onlyOne(chosen, options) },
    async () => {
      const read = await withScratch((_, signal) => verifyChosen(store, chosen, options.all === true, signal));
      return [read, verifyEnd(read)];
    },
  );
  const at = new Date().toISOString();
  const results = new Map<string, Verified>(
    verified.map(({ backup, problems }) => [
      nameOf(backup),
      { at, outcome: problems.length === 0 ? 'whole' : 'damaged', problems: [...problems] },
    ]),
  );
  await recordVerified(store, results, all).catch((error: unknown) => {
    process.stderr.write(
      `list will not tell this outcome: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  });
  print(options, { at, store: packs, backups: Object.fromEntries(results) }, () => verifyLines(packs, verified));
  if (packs.length > 0 || verified.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

interface ReadChosen {
  readonly packs: readonly StoreProblem[];
  readonly verified: readonly VerifiedBackup[];
}

async function verifyChosen(
  store: BackupStore,
  chosen: readonly Backup[],
  all: boolean,
  signal: AbortSignal,
): Promise<ReadChosen> {
  const packs = all ? await verifyStore(store, signal) : [];
  const verified: VerifiedBackup[] = [];
  const isStoreRead = all && packs.length === 0;
  for (const backup of chosen) verified.push(await verifyBackup(store, backup, { signal, isStoreRead }));
  return { packs, verified };
}

/** Whose backup a job is about, where it is about one. */
function onlyOne(
  [first, second]: readonly Backup[],
  { all }: { readonly all?: boolean },
): Pick<JobStart, 'client' | 'backup'> {
  return all === true || first === undefined || second !== undefined
    ? {}
    : { client: first.client, backup: nameOf(first) };
}

/** What a verification comes to as a job: it was done also when it found damage, but nobody should have to look twice. */
function verifyEnd({ packs, verified }: ReadChosen): JobEnd {
  const damaged = verified.filter(({ problems }) => problems.length > 0);
  const bytes = verified.reduce(
    (sum, { backup }) => sum + (backup.manifest?.partitions ?? []).reduce((all, one) => all + one.bytes, 0),
    0,
  );
  if (packs.length === 0 && damaged.length === 0) return { outcome: 'done', bytes };
  const found = [
    ...packs.map(({ problem, file }) => [problem, file].filter(Boolean).join(' ')),
    ...damaged.map(({ backup }) => nameOf(backup)),
  ];
  return { outcome: 'failed', bytes, reason: `damaged: ${found.join(', ')}` };
}

function chosenOf(all: readonly Backup[], names: readonly string[]): Backup[] {
  const chosen = names.map((name) => namedBackup(all, name));
  for (const backup of chosen) if (backup.manifestSnapshot === undefined) manifestOf(backup);
  return [...new Set(chosen)];
}

function verifyLines(packs: readonly StoreProblem[], verified: readonly VerifiedBackup[]): string[] {
  return [
    ...packs.map(({ problem, file, message }) => `store: ${[problem, file].filter(Boolean).join(' ')}: ${message}`),
    ...verified.flatMap(({ backup, problems }) => [
      `${nameOf(backup)}: ${problems.length === 0 ? 'whole' : 'damaged'}`,
      ...problems.map((problem) => `  ${problem}`),
    ]),
    ...(packs.length === 0
      ? []
      : [
          'what is whole can be restored; new backups lack what is damaged, too, until the store is repaired: “restic repair packs PACK” for a damaged pack, “restic repair index” for a missing one; then back up again',
        ]),
  ];
}

interface PruneOptions extends StoreOptions {
  readonly keepLast?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepWithin?: number;
  readonly client?: string;
  readonly unfinished?: number;
  readonly retryLock?: number;
  readonly unlock?: boolean;
  readonly dryRun?: boolean;
  readonly by?: 'lab';
}

/** The rules that a person gives; undefined for none. */
function rulesOf({ keepLast, keepDaily, keepWeekly, keepWithin }: PruneOptions): Retention | undefined {
  const rules = { last: keepLast, daily: keepDaily, weekly: keepWeekly, withinMs: keepWithin };
  return Object.values(rules).some((rule) => rule !== undefined) ? rules : undefined;
}

async function prune(options: PruneOptions): Promise<void> {
  const store = storeOf(options);
  const { backups: all, warnings } = await catalogueOf(options);
  if (warnings.length > 0)
    throw new DamagedBackupError(
      `expected a store whose snapshots can all be read, got ${warnings.length} that cannot: what belongs to them would pass for rubbish, so nothing was removed; restore their files below snapshots/ from a copy of the store, or remove these files if you have none`,
    );
  const rules = rulesOf(options) ?? readSchedule(store).keep ?? {};
  const limits = { nowMs: Date.now(), unfinishedMs: options.unfinished ?? DAY_MS };
  const chosen = options.client === undefined ? all : ofClient(all, options.client, 'backups');
  const decisions = decideRetention(chosen, rules, limits);
  const removed = decisions.filter(({ keep }) => !keep).map(({ backup }) => backup);
  if (options.dryRun !== true && options.unlock === true) await removeStaleLocks(store);
  const pruned =
    options.dryRun === true
      ? { temporaryFiles: await oldTemporaryFiles(store, limits.nowMs - limits.unfinishedMs) }
      : await withJob(store, { kind: 'prune', by: options.by ?? 'command', client: options.client }, async () => {
          const done = await pruneStore(store, removed, { ...limits, retryLockMs: options.retryLock });
          return [done, { outcome: 'done', bytes: Math.max(0, done.freedBytes) }];
        });
  const would = options.dryRun === true ? 'would be removed' : 'removed';
  const rows = decisions.map(({ backup, keep, reason }) => ({
    client: backup.client,
    id: backup.id,
    outcome: keep ? 'kept' : would,
    reason,
  }));
  print(options, { dryRun: options.dryRun === true, backups: rows, ...pruned }, () => [
    ...rows.map(({ client, id, outcome, reason }) => `${client}/${id}: ${outcome} (${reason})`),
    ...pruned.temporaryFiles.map((file) => `${file}: ${would} (an upload that was cut)`),
    'freedBytes' in pruned ? `the store is ${size(Math.max(0, pruned.freedBytes))} smaller` : 'nothing was changed',
  ]);
}
