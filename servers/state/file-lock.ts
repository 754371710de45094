import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';

/** Exit code that we ask flock(1) for when the time is over. */
const TIMED_OUT = 75;
/** Descriptor under which flock(1) gets the lock file. */
const LOCK_FD = 3;

/** Another process kept a lock for too long. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

/**
 * Holds an exclusive lock while `work` runs: flock(2) on `file`, which is made when it is not there and never removed.
 *
 * A lock file with the owner's process id cannot be judged from another pid namespace, and a lab has one of its own: 12
 * in the lab is somebody else outside. flock(2) belongs to the open file; the kernel frees it when the owner dies,
 * whichever way, so that no dead owner's lock is ever there to take over. Node has no call for it: flock(1) locks the
 * descriptor that it inherits, which is our open file, and the lock stays with us when flock(1) is gone.
 */
export async function withFileLock<Value>(file: string, timeoutMs: number, work: () => Promise<Value>): Promise<Value> {
  const handle = await open(file, 'a');
  try {
    await lock(handle, file, timeoutMs);
    return await work();
  } finally {
    await handle.close();
  }
}

async function lock(handle: FileHandle, file: string, timeoutMs: number): Promise<void> {
  const seconds = String(timeoutMs / 1000);
  const child = spawn(
    'flock',
    ['--exclusive', '--timeout', seconds, '--conflict-exit-code', String(TIMED_OUT), String(LOCK_FD)],
    { stdio: ['ignore', 'ignore', 'ignore', handle.fd] },
  );
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (exitCode === TIMED_OUT)
    throw new LockTimeoutError(
      `${file}: another process has kept it locked for ${timeoutMs} ms (fuser ${file} names it); nothing was changed, try again`,
    );
  if (exitCode !== 0) throw new Error(`locking ${file}: flock ended with ${signal ?? `exit code ${String(exitCode)}`}`);
}
