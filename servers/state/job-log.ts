import { randomBytes } from 'node:crypto';
import { constants, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { holdFileLock, isHeld, withFileLock, type HeldLock } from './file-lock.ts';

// What was attempted with a store of backups, by whom, and what came of it: one JSON object a line, at the end of a file in the store's
// folder (decision 204). Whoever may write to the folder may write anything there: what is no job is passed over.

/** What a job does. */
export const JOB_KINDS = ['backup', 'restore', 'verify', 'prune'] as const;
/** Who does it: the agent in a client, the hypervisor of a client, a command of a person's, or the lab with its schedule. */
export const JOB_MAKERS = ['agent', 'hypervisor', 'command', 'lab'] as const;
/** `skipped`: it was its turn, and it did nothing; `interrupted`: whoever did it is gone, or was told to stop. */
const JOB_OUTCOMES = ['done', 'failed', 'skipped', 'interrupted'] as const;

const time = z.iso.datetime();
const jobId = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);

const jobSchema = z.object({
  job: jobId,
  kind: z.enum(JOB_KINDS),
  by: z.enum(JOB_MAKERS),
  /** Whose disk is saved, or written to; absent for a job on the whole store, or on a disk that is no client's. */
  client: z.string().max(255).optional(),
  /** `CLIENT/ID`. */
  backup: z.string().max(320).optional(),
  /** When a schedule wanted it. */
  dueAt: time.optional(),
  beganAt: time,
  endedAt: time.optional(),
  outcome: z.enum(JOB_OUTCOMES).optional(),
  /** Why it was not done. */
  reason: z.string().max(1000).optional(),
  /** Read of a disk, written to one, read of the store, or freed in it. */
  bytes: z.int().min(0).optional(),
});

export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** What is known of a job when it begins. */
export type JobStart = Pick<z.output<typeof jobSchema>, 'kind' | 'by' | 'client' | 'backup' | 'dueAt'>;

/** What is known of it when it ends. */
export interface JobEnd {
  readonly outcome: JobOutcome;
  readonly reason?: string | undefined;
  readonly bytes?: number | undefined;
  readonly backup?: string | undefined;
}

/** `running`: whoever does it lives. */
export type Job = Omit<z.output<typeof jobSchema>, 'outcome'> & { readonly outcome: JobOutcome | 'running' };

/** A job that has begun; it counts as running as long as this process lives. */
export interface RunningJob {
  end(end: JobEnd): Promise<void>;
}

const FOLDER = 'pxewright';
const FILE = 'jobs.jsonl';
const RUNNING = 'running';
/** A line is shorter than 2 KiB: what remains is some thousand jobs. */
const MAX_BYTES = 4 * 2 ** 20;
const LOCK_MS = 10_000;
const MAX_REASON = 1000;

/** The log in the folder of a store. */
export const jobLogFile = (store: string): string => path.join(store, FOLDER, FILE);
const lockOf = (store: string, job: string): string => path.join(store, FOLDER, RUNNING, job);

/** Notes that a job begins in the store of this folder. */
export async function beginJob(store: string, start: JobStart): Promise<RunningJob> {
  const now = new Date();
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const about = { job: `${stamp}-${randomBytes(4).toString('hex')}`, ...start, beganAt: now.toISOString() };
  await mkdir(path.join(store, FOLDER, RUNNING), { recursive: true });
  const held = await holdFileLock(lockOf(store, about.job));
  try {
    await append(store, about);
  } catch (error) {
    await held.giveBack();
    throw error;
  }
  return { end: (end) => endJob(store, about, end, held) };
}

async function endJob(store: string, about: object, { reason, ...end }: JobEnd, held: HeldLock): Promise<void> {
  try {
    const words = reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) };
    await append(store, { ...about, ...end, ...words, endedAt: new Date().toISOString() });
  } finally {
    await held.giveBack();
  }
}

/** What the log of a store has, the newest first. */
export interface JobsRead {
  readonly jobs: readonly Job[];
  /** Lines that say nothing that is a job. */
  readonly damagedLines: number;
}

/** Reads the jobs of a store. One that never ended is running as long as whoever does it lives, and was interrupted then. */
export async function readJobs(store: string): Promise<JobsRead> {
  const seen = await readLog(store);
  const open = seen.jobs.filter(({ outcome }) => outcome === undefined);
  const held = await Promise.all(open.map(async ({ job }) => (await isHeld(lockOf(store, job))) || job));
  const dropped = new Set(held.filter((one) => one !== true));
  // A job writes its end before it gives its lock back: what has no end now has none at all.
  const { jobs, damagedLines } = dropped.size === 0 ? seen : await readLog(store);
  const told = jobs.map((one): Job => {
    if (one.outcome !== undefined) return { ...one, outcome: one.outcome };
    if (!dropped.has(one.job)) return { ...one, outcome: 'running' };
    return { ...one, outcome: 'interrupted', reason: 'whoever did it is gone' };
  });
  return { jobs: told, damagedLines };
}

type Noted = z.output<typeof jobSchema>;

/** The last line of each job, those that began last first. */
async function readLog(store: string): Promise<{ readonly jobs: readonly Noted[]; readonly damagedLines: number }> {
  const lines = (await lastBytes(jobLogFile(store))).split('\n').filter((line) => line.trim() !== '');
  const noted = lines.flatMap((line) => jobIn(line) ?? []);
  const jobs = [...new Map(noted.map((one) => [one.job, one])).values()];
  return {
    jobs: jobs.toReversed().toSorted((a, b) => b.beganAt.localeCompare(a.beganAt)),
    damagedLines: lines.length - noted.length,
  };
}

/** The job that a line notes. */
function jobIn(line: string): Noted | undefined {
  try {
    return jobSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Text of a regular file, of a long one the end; nothing where there is none. */
async function lastBytes(file: string): Promise<string> {
  const size = await stat(file).then(
    (stats) => (stats.isFile() ? stats.size : undefined),
    () => undefined,
  );
  if (size === undefined) return '';
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const from = Math.max(0, size - 2 * MAX_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const text = buffer.toString('utf8', 0, bytesRead);
  return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

/** The one writer of the log. Half a line, which a writer that died has left, does not swallow the next one. */
async function append(store: string, line: object): Promise<void> {
  const file = jobLogFile(store);
  await withFileLock(`${file}.lock`, LOCK_MS, async () => {
    await using handle = await open(
      file,
      // Never through a link, and not into a pipe that somebody has put there.
      constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${file}: expected a file`);
    const { buffer } = stats.size === 0 ? { buffer: '\n' } : await handle.read(Buffer.alloc(1), 0, 1, stats.size - 1);
    await handle.writeFile(`${String(buffer) === '\n' ? '' : '\n'}${JSON.stringify(line)}\n`);
    await handle.sync();
    if (stats.size > MAX_BYTES) await shorten(file);
  });
}

/** Forgets the older half. */
async function shorten(file: string): Promise<void> {
  const half = (await lastBytes(file)).slice(-MAX_BYTES / 2);
  const fresh = `${file}.new`;
  // Made anew: it may be what a writer that died has left, or a link that somebody has put there.
  await rm(fresh, { force: true });
  await writeFile(fresh, half.slice(half.indexOf('\n') + 1), { flag: 'wx' });
  await rename(fresh, file);
}
