import { listed, listTable, showLines, type ListedBackup } from './backup-text.ts';
import { chainOf, namedBackup, nameOf } from './catalogue.ts';
import { print } from '../manage/print.ts';
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
import { readVerified } from './verification-record.ts';

/** `list` and `show`: what the store has. */
export function addCatalogueVerbs(verb: AddVerb): void {
  verb('list', 'clients and their backups: age, size, chain, state, verification')
    .option('--client <name>', 'only those of this client')
    .option('--max-age <age>', `exit 1 when the newest complete backup of a client is older, ${AGE_HELP}`, ageMs)
    .addHelpText(
      'after',
      `
DISK is the size of the disk, READ what was read of it, STORED what the backup added to the store. A backup that its PARENT
does not outlive is still whole: backups share data, but none needs another one's.
STATE: complete; incomplete, with what is missing; unfinished: no manifest, so that it was cut or is still under way.
Exit: 0; 1 with --max-age when a client has no complete backup that is young enough.

Examples:
  pxewright backups list --store ./backups
  pxewright backups list --max-age 25h          in a nightly job: fails when a client was not saved`,
    )
    .action(async (options: StoreOptions & { client?: string; maxAge?: number }) => {
      const { backups: all } = await catalogueOf(options);
      const verified = readVerified(storeOf(options));
      const own = options.client === undefined ? all : ofClient(all, options.client);
      const rows = own.map((one) => listed(one, verified[nameOf(one)], Date.now()));
      print(options, rows, () => listTable(rows));
      if (options.maxAge !== undefined) reportLate(rows, options.maxAge);
    });

  verb('show', 'everything about one backup: partitions, chain, verification')
    .argument('<backup>', BACKUP)
    .action(async (name: string, options: StoreOptions) => {
      const { backups: all } = await catalogueOf(options);
      const backup = namedBackup(all, name);
      const verified = readVerified(storeOf(options))[nameOf(backup)];
      const chain = chainOf(all, backup);
      print(options, { ...listed(backup, verified, Date.now()), chain, manifest: backup.manifest }, () =>
        showLines(backup, chain, verified),
      );
    });
}

/** Says which clients have no complete backup that is young enough. */
function reportLate(rows: readonly ListedBackup[], maxAgeMs: number): void {
  if (rows.length === 0) {
    process.stderr.write('expected a backup, got none\n');
    process.exitCode = 1;
  }
  for (const [client, own] of Map.groupBy(rows, (one) => one.client)) {
    const newest = own.findLast(({ state }) => state === 'complete');
    if (newest !== undefined && newest.ageS * 1000 <= maxAgeMs) continue;
    const came = newest === undefined ? 'it has no complete one' : `its newest is ${newest.id}`;
    process.stderr.write(`${client}: expected a complete backup within --max-age, but ${came}\n`);
    process.exitCode = 1;
  }
}
