import path from 'node:path';
import * as z from 'zod';
import { StateFile } from '../../state/state-file.ts';
import { nameOf, type Backup } from './catalogue.ts';
import type { BackupStore } from './restic.ts';

const schema = z.strictObject({
  /** By `CLIENT/ID`. */
  backups: z.record(
    z.string(),
    z.strictObject({
      /** ISO 8601. */
      at: z.string(),
      outcome: z.enum(['whole', 'damaged']),
      problems: z.array(z.string()),
    }),
  ),
});

/** What the last verification of a backup found. */
export type Verified = z.output<typeof schema>['backups'][string];

// Beside restic's own folders, which are all that restic and its REST server look at. What it says is no secret: names of
// backups and of damaged packs.
const FILE = path.join('pxewright', 'verified.json');

const fileOf = ({ folder }: BackupStore) => new StateFile(path.join(folder, FILE), schema, { backups: {} });

/** What was verified of a store, by `CLIENT/ID`. */
export function readVerified(store: BackupStore): Readonly<Record<string, Verified>> {
  return fileOf(store).read().backups;
}

/** Keeps outcomes, and forgets those of backups that the store no longer has. */
export async function recordVerified(
  store: BackupStore,
  outcomes: ReadonlyMap<string, Verified>,
  present: readonly Backup[],
): Promise<void> {
  const names = new Set(present.map(nameOf));
  await fileOf(store).update(({ backups }) => ({
    backups: Object.fromEntries(
      Object.entries({ ...backups, ...Object.fromEntries(outcomes) }).filter(([name]) => names.has(name)),
    ),
  }));
}
