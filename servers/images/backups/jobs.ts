import { beginJob, readJobs, type Job, type JobEnd, type JobStart, type RunningJob } from '../../state/job-log.ts';
import { printable, table } from '../manage/table.ts';
import { age, size, type ListedBackup } from './backup-text.ts';
import { nameOf } from './catalogue.ts';
import { StoreInUseError, type BackupStore } from './restic.ts';
import { InterruptedError } from './scratch.ts';

/**
 * Does work as a job that the store's log tells. `work` says what came of it, too; one that throws has failed. A store that cannot be
 * written to is read all the same, and the log then lacks the job.
 */
export async function withJob<Value>(
  { folder }: BackupStore,
  start: JobStart,
  work: () => Promise<readonly [Value, JobEnd]>,
): Promise<Value> {
  let job: RunningJob | undefined;
  try {
    job = await beginJob(folder, start);
  } catch (error) {
    untold(error);
  }
  const end = async (how: JobEnd): Promise<void> => job?.end(how).catch(untold);
  try {
    const [value, how] = await work();
    await end(how);
    return value;
  } catch (error) {
    await end({ outcome: outcomeOf(error), reason: messageOf(error) });
    throw error;
  }
}

function outcomeOf(error: unknown): JobEnd['outcome'] {
  if (error instanceof InterruptedError) return 'interrupted';
  return error instanceof StoreInUseError ? 'skipped' : 'failed';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function untold(error: unknown): void {
  process.stderr.write(`list --jobs will not tell this job: ${printable(messageOf(error))}\n`);
}

/**
 * One row of `list --jobs`, and its JSON. What a client saved that no lab started is known from its backup alone: it was `done`, or is
 * `unfinished`, which may be cut or under way.
 */
export interface ListedJob extends Omit<Job, 'job' | 'by' | 'outcome'> {
  readonly by?: Job['by'];
  readonly outcome: Job['outcome'] | 'unfinished';
}

/** The jobs of a store, the newest first: those that its log tells, and those that its backups tell. */
export async function storeJobs({ folder }: BackupStore, backups: readonly ListedBackup[]): Promise<ListedJob[]> {
  const { jobs, damagedLines } = await readJobs(folder);
  if (damagedLines > 0)
    process.stderr.write(`the log of jobs: ${damagedLines} lines are no jobs, and were passed over\n`);
  return allJobs(jobs, backups);
}

/** The same of a log that was read. */
export function allJobs(jobs: readonly Job[], backups: readonly ListedBackup[]): ListedJob[] {
  const told = new Set(jobs.flatMap(({ kind, backup }) => (kind === 'backup' ? (backup ?? []) : [])));
  const nameless = jobs.filter(({ kind, backup }) => kind === 'backup' && backup === undefined);
  const untoldOnes = backups.filter(
    (one) => !told.has(nameOf(one)) && !(one.state === 'unfinished' && nameless.some((job) => isOf(job, one))),
  );
  return [...jobs.map(({ job: _, ...one }) => one), ...untoldOnes.map(jobOf)].toSorted((a, b) =>
    b.beganAt.localeCompare(a.beganAt),
  );
}

/** Whether a job that never came to name its backup can have left this one: it is its client's, and began while the job lasted. */
function isOf({ client, beganAt, endedAt }: Job, backup: ListedBackup): boolean {
  const atMs = Date.parse(backup.beganAt);
  return (
    client === backup.client &&
    // An id has whole seconds.
    atMs > Date.parse(beganAt) - 1000 &&
    (endedAt === undefined || atMs <= Date.parse(endedAt))
  );
}

function jobOf({ client, id, state, beganAt, endedAt, problems, streamBytes }: ListedBackup): ListedJob {
  const about = { kind: 'backup', client, backup: nameOf({ client, id }), beganAt, bytes: streamBytes } as const;
  return state === 'unfinished'
    ? { ...about, outcome: 'unfinished', reason: problems.join('; ') }
    : { ...about, ...(endedAt === undefined ? {} : { endedAt }), outcome: 'done' };
}

export function jobTable(jobs: readonly ListedJob[], nowMs: number): string[] {
  if (jobs.length === 0) return ['no jobs'];
  return table(
    ['BEGAN', 'TOOK', 'CLIENT', 'JOB', 'BY', 'BACKUP', 'BYTES', 'OUTCOME'],
    jobs.map((one) => [
      `${one.beganAt.slice(0, 19)}Z`,
      one.endedAt === undefined && one.outcome !== 'running' ? '-' : age(tookS(one, nowMs)),
      one.client ?? '-',
      one.kind,
      one.by ?? '-',
      one.backup ?? '-',
      one.bytes === undefined ? '-' : size(one.bytes),
      one.reason === undefined ? one.outcome : `${one.outcome}: ${one.reason}`,
    ]),
  );
}

function tookS({ beganAt, endedAt }: ListedJob, nowMs: number): number {
  return Math.max(0, Math.round(((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(beganAt)) / 1000));
}
