import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa, type ResultPromise } from 'execa';
import type { ServicePlan } from '../plan/plan.ts';
import { within } from './deadline.ts';
import { onHost } from './namespaces.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/** One JSON line of a service: `ready`, `stopped`, `error`, or its own words. */
export interface ServiceEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface ServiceOptions {
  /** Absolute path of the program, by kind. */
  readonly programs: Readonly<Record<ServicePlan['kind'], string>>;
  readonly eventFile: string;
  readonly readyMs: number;
  readonly onEvent?: (event: ServiceEvent) => void;
  /** The service ended although nobody stopped it: a lab error. */
  readonly onDeath: (error: Error) => void;
}

/** A service is a program: JSON configuration on standard input, a ready line and event lines out, SIGTERM to stop. */
export function serviceTask(plan: ServicePlan, options: ServiceOptions): Task {
  let child: ResultPromise<{ reject: false; buffer: { stdout: false } }> | undefined;
  let stopping = false;
  const title = `${plan.kind} on ${plan.host}`;
  return {
    title,
    async setup() {
      const [command, ...args] = [...onHost(plan.host), process.execPath, options.programs[plan.kind], '--config', '-'];
      child = execa(command, args, { input: JSON.stringify(resolveRunFolder(plan.config)), reject: false, buffer: { stdout: false }, forceKillAfterDelay: 5000 }) as NonNullable<typeof child>;
      const log = createWriteStream(options.eventFile);
      const ready = Promise.withResolvers<undefined>();
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        log.write(`${line}\n`);
        const event = parseEvent(line);
        if (event.event === 'ready') ready.resolve(undefined);
        options.onEvent?.(event);
      });
      void child.then((result) => {
        log.end();
        const error = new Error(`${title} ended with ${result.signal ?? `exit code ${result.exitCode ?? '?'}`}: ${result.stderr.trim() || 'it said nothing'}`);
        ready.reject(error);
        if (!stopping) options.onDeath(error);
      });
      // A service that dies before it is ready rejects `ready`; the same death is not reported twice.
      ready.promise.catch(() => undefined);
      await within(title, options.readyMs, ready.promise);
    },
    async teardown() {
      stopping = true;
      child?.kill('SIGTERM');
      await child;
    },
  };
}

function parseEvent(line: string): ServiceEvent {
  try {
    const value: unknown = JSON.parse(line);
    if (value && typeof value === 'object' && 'event' in value && typeof value.event === 'string') return value as ServiceEvent;
  } catch {
    // Not JSON: kept as text below, for the report.
  }
  return { event: 'text', line };
}
