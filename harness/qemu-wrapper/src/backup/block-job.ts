import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineError } from '../deadline.ts';
import type { QmpClient } from '../qmp/client.ts';
import { objects, type JsonObject } from '../qmp/messages.ts';

/** Between looks at a job. */
const LOOK_MS = 20;
/** A job that was told to end finishes the requests that are under way. */
const CANCEL_MS = 10_000;

/** A job of QEMU's block layer failed. */
export class BlockJobError extends Error {
  override readonly name = 'BlockJobError';
  readonly code = 'BLOCK_JOB';
}

export interface JobProgress {
  readonly doneBytes: number;
  /** Of those that are to be copied. */
  readonly totalBytes: number;
}

export interface JobWait {
  readonly deadlineMs: number;
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
  /** Cancels the job. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a job that was started with `auto-dismiss: false` has ended, and takes it from QEMU's list. Rejects with
 * BlockJobError, which has QEMU's reason, when it failed; with DeadlineError or the signal's reason when it was cancelled, and then
 * only after it has ended.
 */
export async function untilConcluded(
  qmp: QmpClient,
  id: string,
  { deadlineMs, onProgress, signal }: JobWait,
): Promise<JobProgress> {
  const startedAt = performance.now();
  let cancelled: { readonly atMs: number; readonly why: unknown } | undefined;
  for (;;) {
    const job = await jobOf(qmp, id);
    const progress = { doneBytes: number(job['current-progress']), totalBytes: number(job['total-progress']) };
    if (job['status'] === 'concluded') {
      await qmp.execute('job-dismiss', { id });
      if (cancelled !== undefined) throw cancelled.why;
      const why = job['error'];
      if (why !== undefined)
        throw new BlockJobError(`job ${id} failed: ${typeof why === 'string' ? why : 'QEMU does not say why'}`);
      return progress;
    }
    const nowMs = performance.now();
    if (cancelled === undefined) {
      onProgress?.(progress);
      const late = nowMs - startedAt >= deadlineMs;
      if (late || signal?.aborted === true) {
        const why: unknown = late ? new DeadlineError(`job ${id}`, nowMs - startedAt, deadlineMs) : signal?.reason;
        cancelled = { atMs: nowMs, why };
        await qmp.execute('job-cancel', { id });
      }
    } else if (nowMs - cancelled.atMs >= CANCEL_MS)
      throw new DeadlineError(`job ${id} to end when it was cancelled`, nowMs - cancelled.atMs, CANCEL_MS);
    await delay(LOOK_MS);
  }
}

/** Ends a job that may be there, and resolves when it has ended. */
export async function cancelled(qmp: QmpClient, id: string): Promise<void> {
  await untilConcluded(qmp, id, { deadlineMs: 0 }).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
  });
}

async function jobOf(qmp: QmpClient, id: string): Promise<JsonObject> {
  const job = objects(await qmp.execute('query-jobs')).find((one) => one['id'] === id);
  if (job === undefined) throw new BlockJobError(`job ${id} is not in QEMU's list of jobs any more`);
  return job;
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
