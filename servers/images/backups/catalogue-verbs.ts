import { listed, listTable, showLines, type ListedBackup } from './backup-text.ts';
import { ManagementError } from '../../state/management-error.ts';
import { StateFileError } from '../../state/state-file.ts';
import { dueClients, dueLine, dueTable } from './due.ts';
import { jobTable, storeJobs } from './jobs.ts';
import { chainOf, namedBackup, nameOf } from './catalogue.ts';
import { print } from '../manage/print.ts';
import { printable } from '../manage/table.ts';
import {
  AGE_HELP,
  ageMs,
  BACKUP,
  catalogueOf,
  ofClient,
  storeOf,
  type AddVerb,
  type StoreOptions,
} from './store-options.ts';
import { readSchedule } from './schedule.ts';
import { readVerified } from './verification-record.ts';

/** `list` and `show`: what the store has. */
export function addCatalogueVerbs(verb: AddVerb): void {
  verb('list', 'clients and their backups: age, size, chain, state, verification, next backup; or jobs')
    .option('--client <name>', 'only those of this client')
    .option('--jobs', 'instead of backups: what was attempted, by whom, and what came of it')
    .option('--overdue', "instead of backups: each client's next backup; exit 1 when one is overdue")
    .option('--max-age <age>', `exit 1 when the newest complete backup of a client is older, ${AGE_HELP}`, ageMs)
    .addHelpText(
      'after',
      `
DISK is the size of the disk, READ what was read of it, STORED what the backup added to the store. A backup that its PARENT
does not outlive is still whole: backups share data, but none needs another one's.
A backup from the future, by more than five minutes, is of a computer whose clock was wrong: it counts for no age check and no due date,
is the newest of its client only where there is no other, and no rule of prune removes it before its time comes.
STATE: complete; incomplete, with what is missing; unfinished: no manifest, so that it was cut or is still under way.
A store with a schedule (services.backups.schedule.every) has a line for each client: when its next backup is due, an interval after its
newest complete one began, or for how long it is overdue. --overdue lists these alone, also clients whose attempts all failed.

--jobs lists backups, restores, verifications and prunings, the newest first, also those that left nothing. BY: the agent in the
client, its hypervisor, a command, or the lab with its schedule; - where the lab did not start the client, of which the store
knows what it left. BYTES: read of the disk, written to one, read of the store, or freed in it. OUTCOME: done; failed, and
why; skipped, since the store was in use; running; interrupted: whoever did it is gone.
Exit: 0; 1 with --max-age when a client has no complete backup that is young enough, with --overdue when the next one of a client
is overdue.

Examples:
  pxewright backups list --store ./backups
  pxewright backups list --jobs --client pc     what was attempted with the disk of pc
  pxewright backups list --overdue              fails when a client was not saved as often as the store's schedule says
  pxewright backups list --max-age 25h          in a nightly job: fails when a client was not saved`,
    )
    .action(list);

  verb('show', 'everything about one backup: partitions, chain, verification')
    .argument('<backup>', BACKUP)
    .action(async (name: string, options: StoreOptions) => {
      const { backups: all } = await catalogueOf(options);
      const backup = namedBackup(all, name);
      const store = storeOf(options);
      const verified = unlessDamaged(() => readVerified(store), {})[nameOf(backup)];
      const chain = chainOf(all, backup);
      const nowMs = Date.now();
      const row = listed(backup, verified, nowMs);
      const jobs = (await storeJobs(store, [row])).filter((one) => one.backup === nameOf(backup));
      print(options, { ...row, chain, manifest: backup.manifest, jobs }, () => [
        ...showLines(backup, chain, verified),
        ...jobTable(jobs, nowMs).map((line) => `  ${line}`),
      ]);
    });
}

/** What a file beside the catalogue says. A damaged one keeps nobody from seeing the catalogue: it is named, and says nothing. */
function unlessDamaged<Content>(read: () => Content, otherwise: Content): Content {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    process.stderr.write(`${printable(error.message)}\n`);
    return otherwise;
  }
}

interface ListOptions extends StoreOptions {
  readonly client?: string;
  readonly maxAge?: number;
  readonly jobs?: boolean;
  readonly overdue?: boolean;
}

/** Lists of another kind than that of backups, and what judges that one. */
const ONE_OF = { jobs: '--jobs', overdue: '--overdue', maxAge: '--max-age' } as const;

async function list(options: ListOptions): Promise<void> {
  const given = (['jobs', 'overdue', 'maxAge'] as const).filter((one) => options[one] !== undefined);
  if (given.length > 1)
    throw new ManagementError(
      `expected one of ${Object.values(ONE_OF).join(', ')}, got ${given.map((one) => ONE_OF[one]).join(' and ')}`,
    );
  const store = storeOf(options);
  const { everyMs } = options.overdue === true ? readSchedule(store) : unlessDamaged(() => readSchedule(store), {});
  if (options.overdue === true && everyMs === undefined)
    throw new ManagementError(
      '--overdue: expected a store with a schedule (services.backups.schedule.every of the scenario that serves it), got one without; --max-age AGE needs none',
    );
  const { backups: all } = await catalogueOf(options);
  const verified = unlessDamaged(() => readVerified(store), {});
  const nowMs = Date.now();
  const rows = all.map((one) => listed(one, verified[nameOf(one)], nowMs));
  if (options.jobs === true) {
    const jobs = chosen(await storeJobs(store, rows), options.client, 'jobs');
    print(options, jobs, () => jobTable(jobs, nowMs));
    return;
  }
  const clients = everyMs === undefined ? [] : dueClients(rows, await storeJobs(store, rows), { everyMs, nowMs });
  if (options.overdue === true) {
    const due = chosen(clients, options.client, 'jobs or backups');
    print(options, due, () => dueTable(due, nowMs));
    if (due.some(({ state }) => state === 'overdue')) process.exitCode = 1;
    return;
  }
  const own = chosen(rows, options.client, 'backups');
  const due = clients.filter(({ client }) => client === (options.client ?? client));
  const nextOf = new Map(due.map(({ client, newest = '', dueAt }) => [`${client}/${newest}`, dueAt]));
  const shown = own.map((one) => ({ ...one, nextDueAt: nextOf.get(nameOf(one)) }));
  print(options, shown, () => [...listTable(own), ...due.map((one) => dueLine(one, nowMs))]);
  if (options.maxAge !== undefined) reportLate(own, options.maxAge);
}

function chosen<Row extends { readonly client?: string | undefined }>(
  rows: readonly Row[],
  client: string | undefined,
  what: string,
): readonly Row[] {
  return client === undefined ? rows : ofClient(rows, client, what);
}

/** Says which clients have no complete backup that is young enough. */
function reportLate(rows: readonly ListedBackup[], maxAgeMs: number): void {
  if (rows.length === 0) {
    process.stderr.write('expected a backup, got none\n');
    process.exitCode = 1;
  }
  for (const [client, own] of Map.groupBy(rows, (one) => one.client)) {
    const complete = own.filter(({ state }) => state === 'complete');
    const newest = complete.findLast((one) => !one.isFromFuture);
    if (newest !== undefined && newest.ageS * 1000 <= maxAgeMs) continue;
    const none = complete.length === 0 ? 'it has no complete one' : 'all that it has are from the future';
    const came = newest === undefined ? none : `its newest is ${newest.id}`;
    process.stderr.write(`${client}: expected a complete backup within --max-age, but ${came}\n`);
    process.exitCode = 1;
  }
}
