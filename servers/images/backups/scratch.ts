import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Exit status of a shell for a command that SIGINT ended. */
export const EXIT_INTERRUPTED = 130;

/** The user ended the command; what it had begun is removed. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Gives `work` a signal that Ctrl-C and SIGTERM abort, so that it ends the programs that it started and clears up. */
export async function interruptible<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const onSignal = (): void => controller.abort(new InterruptedError('interrupted; nothing of it stays'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}

/** The same with a folder of its own, which is removed afterwards. TMPDIR says where it is. */
export async function withScratch<Value>(
  work: (scratch: string, signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  return interruptible(async (signal) => {
    const scratch = await mkdtemp(path.join(tmpdir(), 'pxewright-backup-'));
    try {
      return await work(scratch, signal);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}
