/** Something was not ready in time. Both times are in the message: how long it took so far and how long it may take. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly step: string;
  readonly deadlineMs: number;
  constructor(step: string, elapsedMs: number, deadlineMs: number, lastSeen?: string) {
    super(
      `${step}: not ready after ${seconds(elapsedMs)} of ${seconds(deadlineMs)}${lastSeen ? `; last seen: ${lastSeen}` : ''}`,
    );
    this.step = step;
    this.deadlineMs = deadlineMs;
  }
}

/** Waits for a promise under a deadline. `lastSeen` says, for the message, what had been observed until then. */
export async function within<T>(
  step: string,
  deadlineMs: number,
  promise: Promise<T>,
  lastSeen?: () => string | undefined,
): Promise<T> {
  const startedMs = performance.now();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new DeadlineError(step, performance.now() - startedMs, deadlineMs, lastSeen?.()));
  }, deadlineMs);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
