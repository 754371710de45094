import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { text } from 'node:stream/consumers';
import type * as z from 'zod';
import { EXIT } from './exit-codes.ts';
import { EventLines, type Emit, type LifeEvent } from './event-lines.ts';

/** A started service. */
export interface Running {
  /** Where it listens, as the ready line prints it: `172.22.52.207:69/udp`. */
  readonly listening: readonly string[];
  counters(): Readonly<Record<string, number>>;
  /** Faults that it was told of, keys of `misbehave`: each is a `misbehaved` event when it first comes about. Absent where there are none. */
  readonly misbehaves?: readonly string[];
  /**
   * Resolves with the reason when the service can serve no longer: its program then ends, too. Absent for one that
   * cannot break.
   */
  readonly broken?: Promise<string>;
  /** Closes every socket and clears every timer. */
  stop(): Promise<void>;
}

/** What a service program is made of. */
export interface Service<Schema extends z.ZodType> {
  readonly name: string;
  /** What it does, one paragraph. */
  readonly summary: string;
  readonly schema: Schema;
  /** A configuration that works, for `--help`. */
  readonly example: z.input<Schema>;
  /** What one must know to run it, a sentence each. */
  readonly notes: readonly string[];
  start(config: z.output<Schema>, emit: Emit): Promise<Running>;
}

const READY: LifeEvent = 'ready';
const STOPPED: LifeEvent = 'stopped';
/** Of a timer: a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs a service as a program until SIGTERM or SIGINT (architecture.md, "A service is a program"). */
export async function runService<Schema extends z.ZodType>(
  service: Service<Schema>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  if (argv.includes('--help')) {
    process.stdout.write(help(service));
    return;
  }
  const config = await readConfig(service, argv);
  if (typeof config === 'string') {
    fail(service, config, EXIT.unusableInput);
    return;
  }
  const lines = new EventLines(1, service.name);
  let running: Running;
  try {
    running = await service.start(config.value, lines.emit);
  } catch (error) {
    fail(service, `starting: ${messageOf(error)}`, EXIT.labError);
    return;
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void running.stop().then(async () => {
      lines.emit({ event: STOPPED, counters: running.counters() });
      await lines.flushed();
      process.exit(EXIT.passed);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  void running.broken?.then(async (reason) => {
    if (stopping) return;
    fail(service, reason, EXIT.labError);
    await lines.flushed();
    process.exit();
  });
  // It runs until it is stopped, also while nothing of it waits for anything: it may have been told to be silent.
  setInterval(() => undefined, LONGEST_MS);
  // Last: the reader of this line may stop the service at once.
  const { listening, misbehaves } = running;
  lines.emit({ event: READY, listening, ...(misbehaves === undefined ? {} : { misbehaves }) });
}

async function readConfig<Schema extends z.ZodType>(
  service: Service<Schema>,
  argv: readonly string[],
): Promise<{ value: z.output<Schema> } | string> {
  const file = argv[argv.indexOf('--config') + 1];
  if (!argv.includes('--config') || file === undefined)
    return `expected --config FILE (- reads standard input), got ${argv.length === 0 ? 'no arguments' : JSON.stringify(argv.join(' '))}; --help shows an example`;
  let input: unknown;
  try {
    // As a stream: a synchronous read of a pipe that nobody has written to yet fails with EAGAIN, which a busy host brings about.
    input = JSON.parse(await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')));
  } catch (error) {
    return `reading the configuration ${file}: ${messageOf(error)}`;
  }
  const parsed = service.schema.safeParse(input);
  return parsed.success ? { value: parsed.data } : configProblems(parsed.error, input).join('\n');
}

/** One line for each problem: field, expected, got. */
export function configProblems(error: z.ZodError, input: unknown): string[] {
  return error.issues.map((issue) => {
    const field = issue.path.map(String).join('.') || 'configuration';
    const actual = issue.path.reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
      input,
    );
    return `${field}: ${issue.message}, got ${actual === undefined ? 'nothing' : shownValue(actual)}`;
  });
}

/** Characters of a value that a problem shows. */
const SHOWN = 80;

function shownValue(value: unknown): string {
  const text = jsonStart(value, SHOWN);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}

/**
 * A value as JSON; of a long one only the beginning, which is longer than `room` characters. JSON.stringify would need as much stack
 * as the value is deep, and JSON.parse takes one of 100 000 brackets; here each level takes a character from the room of those in it.
 */
function jsonStart(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (text.length > room) return text;
    if (item === undefined && !isList) continue;
    const name = isList ? '' : `${JSON.stringify(key.slice(0, room))}:`;
    text += `${text.length === 1 ? '' : ','}${name}`;
    text += jsonStart(item ?? null, Math.max(0, room - text.length));
  }
  return text + (isList ? ']' : '}');
}

function help<Schema extends z.ZodType>(service: Service<Schema>): string {
  return [
    `node ${relative(process.cwd(), process.argv[1] ?? '')} --config FILE     (- reads standard input)`,
    '',
    service.summary,
    '',
    'Example configuration:',
    JSON.stringify(service.example, null, 2),
    '',
    'Standard output carries one JSON object per line: `ready`, then events, then `stopped` with counters after SIGTERM.',
    `Exit: ${EXIT.passed} stopped, ${EXIT.labError} could not start, ${EXIT.unusableInput} unusable configuration.`,
    '',
    ...service.notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

function fail<Schema extends z.ZodType>(service: Service<Schema>, message: string, exitCode: number): void {
  process.stderr.write(
    `${message
      .split('\n')
      .map((text) => `${service.name}: ${text}`)
      .join('\n')}\n`,
  );
  process.exitCode = exitCode;
}

/** The text of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
