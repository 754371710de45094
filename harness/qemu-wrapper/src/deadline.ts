/** A step that took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';
  readonly step: string;
  readonly waitedMs: number;
  readonly deadlineMs: number;

  constructor(step: string, waitedMs: number, deadlineMs: number) {
    super(`${step}: waited ${seconds(waitedMs)} of ${seconds(deadlineMs)}`);
    this.step = step;
    this.waitedMs = waitedMs;
    this.deadlineMs = deadlineMs;
  }
}

/** Milliseconds as people say them: `5.0 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Settles as `work` does, or rejects with a DeadlineError that names the step. The work itself goes on. */
export async function within<T>(step: string, deadlineMs: number, work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(step, performance.now() - startedAt, deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
