import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramPlan } from '../plan/services/program-plan.ts';
import { DeadlineError, within } from './deadline.ts';
import { lastLines } from './last-lines.ts';
import { listensOn } from './listening.ts';
import { onHost } from './namespaces.ts';
import { openLog } from './service.ts';
import type { Task } from './task.ts';

/** A program of the user's own ended although it was not stopped, or never got ready: it fails, and not the lab. */
export class ProgramFailedError extends Error {
  override readonly name = 'ProgramFailedError';
}

export interface ProgramOptions {
  /** Folder for the evidence: `<name>@<host>.log` has what the program writes. */
  readonly logFolder: string;
  /** The program ended although it was not stopped, or its log could not be written. */
  readonly onDeath: (error: Error) => void;
}

const READY_MS = 20_000;
/** How often the kernel is asked for a port: it tells nobody when a program begins to listen. */
const LOOK_MS = 50;
/** Between SIGTERM and SIGKILL. */
const STOP_MS = 5000;
/** How long a program's last words may take to arrive after its end, when something that it started holds its output. */
const LAST_WORDS_MS = 500;
/** Of the output, what an error message can use; all of it is in the log. */
const KEPT_CHARACTERS = 4096;

/** A program of the user's own on a host of the lab: started in the scenario's folder, stopped by SIGTERM. */
export function programTask(plan: ProgramPlan, options: ProgramOptions): Task {
  const title = `${plan.name} on ${plan.host}`;
  let stop: (() => Promise<void>) | undefined;
  return {
    title,
    async setup() {
      const [command, ...args] = [...onHost(plan.host), ...plan.command];
      // A process group of its own: what the program starts is stopped with it.
      const child = spawn(command, args, { cwd: plan.folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      const ended = Promise.withResolvers<string>();
      const closed = Promise.withResolvers<undefined>();
      child.once('error', (error) => ended.resolve(error.message));
      child.once('exit', (code, signal) => ended.resolve(signal ?? `exit status ${code ?? '?'}`));
      const log = openLog(join(options.logFolder, `${plan.name}@${plan.host}.log`), options.onDeath);
      let kept = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          log.write(chunk);
          kept = `${kept}${chunk.toString()}`.slice(-KEPT_CHARACTERS);
        });
      child.once('close', () => {
        log.end();
        closed.resolve(undefined);
      });
      const words = (): string => lastLines(kept).join(' | ') || 'it wrote nothing';
      let stopping = false;
      let ready = false;
      stop = async () => {
        stopping = true;
        signalGroup(child.pid, 'SIGTERM');
        const force = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), STOP_MS);
        await ended.promise;
        clearTimeout(force);
      };
      const died = ended.promise.then(async (how): Promise<never> => {
        await Promise.race([closed.promise, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
        const background =
          !ready && how === 'exit status 0' ? '; a program that goes into the background must be told not to' : '';
        throw new ProgramFailedError(
          `${title} ended with ${how}${ready ? '' : ' before it was ready'}: ${words()}${background}`,
        );
      });
      died.catch((error: unknown) => {
        if (!stopping && ready) options.onDeath(error as Error);
      });
      try {
        await within(
          `${title}, which is ready by ${JSON.stringify(plan.ready)}`,
          READY_MS,
          Promise.race([untilReady(plan, child), died]),
          words,
        );
      } catch (error) {
        throw error instanceof DeadlineError ? new ProgramFailedError(error.message) : error;
      }
      ready = true;
    },
    async teardown() {
      await stop?.();
    },
  };
}

async function untilReady({ ready }: ProgramPlan, child: ChildProcess): Promise<void> {
  if ('log' in ready) {
    const wanted = new RegExp(ready.log);
    return new Promise((resolve) => {
      for (const input of [child.stdout, child.stderr])
        if (input)
          createInterface({ input }).on('line', (line) => {
            if (wanted.test(line)) resolve();
          });
    });
  }
  const [kind, port] = 'udp' in ready ? (['udp', ready.udp] as const) : (['tcp', ready.tcp] as const);
  while (child.exitCode === null && child.signalCode === null) {
    const tables = await Promise.all([kind, `${kind}6`].map((file) => socketTable(child.pid, file)));
    if (tables.some((text) => listensOn(kind, text, port))) return;
    await sleep(LOOK_MS);
  }
  return new Promise(() => undefined);
}

/** The sockets of a program's host; none once the program has ended. */
async function socketTable(pid: number | undefined, file: string): Promise<string> {
  return readFile(`/proc/${pid ?? 0}/net/${file}`, 'utf8').catch(() => '');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
