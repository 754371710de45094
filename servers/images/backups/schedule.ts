import path from 'node:path';
import * as z from 'zod';
import { StateFile } from '../../state/state-file.ts';
import type { BackupStore } from './restic.ts';

const ms = z.int('expected milliseconds').min(1, 'expected milliseconds, at least 1');
const rule = z.int('expected a whole number').min(1, 'expected a whole number from 1');

/** When the clients of a store are to be saved, and what is kept of them: what prune has as --keep-…. */
export const scheduleSchema = z.strictObject({
  everyMs: ms.optional(),
  keep: z
    .strictObject({ last: rule.optional(), daily: rule.optional(), weekly: rule.optional(), withinMs: ms.optional() })
    .optional(),
});
export type Schedule = z.output<typeof scheduleSchema>;

const fileOf = ({ folder }: Pick<BackupStore, 'folder'>) =>
  new StateFile(path.join(folder, 'pxewright', 'schedule.json'), scheduleSchema, {});

/** The schedule of a store; it says nothing where none was declared. */
export function readSchedule(store: Pick<BackupStore, 'folder'>): Schedule {
  return fileOf(store).read();
}

/** Declares the schedule of a store, in the place of an earlier one. */
export async function writeSchedule(store: Pick<BackupStore, 'folder'>, schedule: Schedule): Promise<void> {
  await fileOf(store).update(() => schedule);
}
