import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { DeadlineError } from './deadline.ts';

/** sun_path has 108 bytes with its NUL (unix(7)). */
const PATH_MAX_BYTES = 107;
/** Between attempts while the socket does not exist yet. */
const RETRY_MS = 5;

/**
 * Connects to a unix socket in a folder as soon as its server listens; gives up early when `signal` is aborted, with
 * its reason.
 */
export async function connectWhenListening(
  folder: string,
  name: string,
  { step, deadlineMs, signal }: { step: string; deadlineMs: number; signal: AbortSignal },
): Promise<Socket> {
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const socket = await connectInFolder(folder, name).catch((error: unknown) => {
      // Not there yet, or bound but not yet listening.
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
      throw error;
    });
    if (socket !== undefined) return socket;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs >= deadlineMs) throw new DeadlineError(step, waitedMs, deadlineMs);
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A folder too deep for the address of a unix socket is named by its descriptor. */
async function connectInFolder(folder: string, name: string): Promise<Socket> {
  const full = path.join(folder, name);
  if (Buffer.byteLength(full) <= PATH_MAX_BYTES) return connected(full);
  const handle = await open(folder, 'r');
  try {
    return await connected(`/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}

function connected(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
