import { execa } from 'execa';
import { once } from 'node:events';

/**
 * Runs `work` while holding an exclusive lock on `file`, across processes and PID namespaces.
 * flock(1) holds the lock: its child ends when our end of the pipe closes, so the kernel frees the lock however this
 * process ends.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const holder = execa('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: false,
  });
  const held = once(holder.stdout, 'data');
  const waiting = setTimeout(onWait, 500);
  try {
    const first = await Promise.race([held, holder]);
    if (!Array.isArray(first))
      throw new Error(`locking ${file}: flock ended with ${String(first.exitCode)}: ${first.shortMessage}`);
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await holder;
  }
}
