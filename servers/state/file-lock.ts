import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, open, rm, type FileHandle } from 'node:fs/promises';

/** Exit code that we ask flock(1) for when the time is over. */
const TIMED_OUT = 75;
/** Descriptor under which flock(1) gets the lock file. */
const LOCK_FD = 3;
/** Whoever asks whether a lock is held has it for a moment. */
const OWN_LOCK_MS = 10_000;

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

/** A lock that is held until it is given back, or until this process is gone. */
export interface HeldLock {
  /** Removes the file, too. */
  giveBack(): Promise<void>;
}

/** Takes the lock of a file that is this process' own, and made here. */
export async function holdFileLock(file: string): Promise<HeldLock> {
  const handle = await open(file, 'wx');
  try {
    await lock(handle, file, OWN_LOCK_MS);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    async giveBack() {
      await rm(file, { force: true });
      await handle.close();
    },
  };
}

/** Whether a process that lives holds the lock of a file; one that is not there is nobody's. */
export async function isHeld(file: string): Promise<boolean> {
  // Nobody waits here for the other end of a pipe.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (handle === undefined) return false;
  try {
    await lock(handle, file, 0);
    return false;
  } catch (error) {
    if (error instanceof LockTimeoutError) return true;
    throw error;
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
