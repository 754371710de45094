import { execa } from 'execa';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../service/event-lines.ts';
import { logonInLogLine } from './accounts.ts';

/** How to start Samba, whichever of its servers. */
export interface SambaOptions {
  readonly name: string;
  readonly command: readonly [program: string, args: readonly string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Its log, complete; logons become events. */
  readonly logFile: string;
  readonly stopTimeoutMs: number;
  readonly emit: Emit;
}

/** Samba and its children. */
export interface SambaProcess {
  readonly counters: { logons: number; refused: number };
  /** Aborted, with the reason, when it has ended. */
  readonly gone: AbortSignal;
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts Samba. A process group of its own, since smbd signals its whole group when it stops; a pipe as standard input,
 * since it stops when that ends: it goes with us even if we are killed.
 */
export function startSamba({
  name,
  command: [program, args],
  env = {},
  logFile,
  stopTimeoutMs,
  emit,
}: SambaOptions): SambaProcess {
  const samba = execa(program, args, {
    env,
    detached: true,
    cleanup: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
  });
  const counters = { logons: 0, refused: 0 };
  const log = createWriteStream(logFile, { flags: 'a' });
  const lastWords: string[] = [];
  const onLine = (line: string): void => {
    log.write(`${line}\n`);
    lastWords.push(line.trim());
    if (lastWords.length > 5) lastWords.shift();
    const logon = logonInLogLine(line);
    if (!logon) return;
    counters[logon.status === 'NT_STATUS_OK' ? 'logons' : 'refused'] += 1;
    emit({ event: 'logon', ...logon });
  };
  for (const stream of [samba.stdout, samba.stderr]) createInterface({ input: stream }).on('line', onLine);
  const gone = new AbortController();
  let stopping = false;
  const ended = samba.then((result) => {
    const message = `${name} ended with ${String(result.exitCode ?? result.signal ?? result.shortMessage)}: ${lastWords.join(' | ')}`;
    gone.abort(new Error(message));
    if (!stopping) emit({ event: 'error', message });
    return message;
  });
  return {
    counters,
    gone: gone.signal,
    ended,
    async stop() {
      stopping = true;
      await stopGroup(samba.pid, stopTimeoutMs);
      await ended;
      log.end();
    },
  };
}

/** Ends a process group: SIGTERM, and SIGKILL for what is still there after the time. */
async function stopGroup(leader: number | undefined, timeoutMs: number): Promise<void> {
  if (leader === undefined) return;
  const deadline = performance.now() + timeoutMs;
  if (!signalled(leader, 'SIGTERM')) return;
  while (signalled(leader, performance.now() > deadline ? 'SIGKILL' : 0)) await delay(5);
}

/** Sends a signal to a process group; false when it is gone. */
function signalled(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
