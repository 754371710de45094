import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { UnwrittenFileError } from '../../reports/unwritten-file.ts';
import { SERVICE_PROGRAMS, type ServicePlan } from '../plan/services/service-plan.ts';
import type { LifeEvent, ServiceEvent } from '../../servers/service/event-lines.ts';
import { programFile } from '../../servers/service/program-file.ts';
import { bundledProgram } from './bundled-program.ts';
import { within } from './deadline.ts';
import { Misbehaviours } from './misbehaviours.ts';
import { onHost } from './namespaces.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/** A service ended although it was not stopped; the message has its last words. */
export class ServiceEndedError extends Error {
  override readonly name = 'ServiceEndedError';
  readonly stderr: string;
  constructor(title: string, how: string, stderr: string) {
    super(`${title} ended with ${how}: ${stderr.trim() || 'no message on standard error'}`);
    this.stderr = stderr;
  }
}

export interface ServiceOptions {
  /**
   * Folder for the evidence: `<kind>@<host>.jsonl`, and `<kind>@<host>.stderr.log` when the service said anything
   * there.
   */
  readonly logFolder: string;
  /** The service ended although it was not stopped, or its log could not be written: a lab error. */
  readonly onDeath: (error: Error) => void;
}

const READY: LifeEvent = 'ready';
/** Longest start of a service. A domain controller needs some seconds, and more on a host whose cores are all taken. */
const READY_MS = 20_000;
/** Of standard error, what an error message can use; all of it is in the log. */
const STDERR_KEPT_CHARACTERS = 4096;

export interface ServiceTask extends Task {
  /** What the service was told to do wrong and has not done, in a sentence each; all is known once it is taken down. */
  notMisbehaved(): readonly string[];
}

/** A service is a program: JSON configuration on standard input, a ready line and event lines out, SIGTERM to stop. */
export function serviceTask(plan: ServicePlan, options: ServiceOptions): ServiceTask {
  let child: ResultPromise<{ reject: false; buffer: false }> | undefined;
  let stopping = false;
  let allRead: Promise<unknown> = Promise.resolve();
  const misbehaviours = new Misbehaviours();
  const title = `${plan.kind} on ${plan.host}`;
  return {
    title,
    async setup() {
      const program = bundledProgram(programFile(import.meta.filename, `../../servers/${SERVICE_PROGRAMS[plan.kind]}`));
      const [command, ...args] = [...onHost(plan.host), process.execPath, program, '--config', '-'];
      child = execa(command, args, {
        input: JSON.stringify(resolveRunFolder(plan.config)),
        reject: false,
        buffer: false,
        forceKillAfterDelay: 5000,
      }) as NonNullable<typeof child>;
      const log = openLog(join(options.logFolder, `${plan.kind}@${plan.host}.jsonl`), options.onDeath);
      const stderr = keepStderr(
        child.stderr as NodeJS.ReadableStream,
        join(options.logFolder, `${plan.kind}@${plan.host}.stderr.log`),
        options.onDeath,
      );
      const ready = Promise.withResolvers<undefined>();
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        log.write(`${line}\n`);
        const event = eventIn(line);
        if (event === undefined) return;
        misbehaviours.take(event);
        if (event.event === READY) ready.resolve(undefined);
      });
      allRead = once(lines, 'close');
      void child.then((result) => {
        log.end();
        const error = new ServiceEndedError(title, result.signal ?? `exit code ${result.exitCode ?? '?'}`, stderr());
        ready.reject(error);
        if (!stopping) options.onDeath(error);
      });
      // A service that dies before it is ready rejects `ready`; the same death is not reported twice.
      ready.promise.catch(() => undefined);
      await within(title, READY_MS, ready.promise, () => stderr().trim().split('\n').at(-1));
    },
    async teardown() {
      stopping = true;
      child?.kill('SIGTERM');
      await child;
      await allRead;
    },
    notMisbehaved: () =>
      misbehaviours
        .missing()
        .map((how) => `${title} was told to misbehave (${how}), and that never came: this boot shows nothing of it`),
  };
}

/** Writes a service's standard error to a file, which is made when the first byte comes, and returns its last part. */
function keepStderr(stream: NodeJS.ReadableStream, file: string, onFailure: (error: Error) => void): () => string {
  let log: WriteStream | undefined;
  let kept = '';
  stream.on('data', (chunk: Buffer) => {
    log ??= openLog(file, onFailure);
    log.write(chunk);
    kept = `${kept}${chunk.toString()}`.slice(-STDERR_KEPT_CHARACTERS);
  });
  stream.on('end', () => log?.end());
  return () => kept;
}

/** A log that cannot be written is missing evidence: the lab's failure. */
export function openLog(file: string, onFailure: (error: Error) => void): WriteStream {
  return createWriteStream(file).on('error', (error) => onFailure(new UnwrittenFileError(file, error)));
}

function eventIn(line: string): ServiceEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<ServiceEvent> | null;
    return typeof event?.event === 'string' ? (event as ServiceEvent) : undefined;
  } catch {
    // Not JSON: it is in the log, for the report.
    return undefined;
  }
}
