import { execa } from 'execa';
import { createInterface } from 'node:readline';
import type { Truncation } from '../captured-frame.ts';
import { createCaptureParser } from '../formats/capture-parser.ts';
import { BatchQueue } from './batch-queue.ts';
import { CaptureDiedError, CaptureStartError } from './live-errors.ts';
import { CounterReader, isListeningLine, type CaptureCounters } from './tcpdump-stderr.ts';

/**
 * Bytes of frames that wait for a slow consumer before reading pauses; from there the kernel's buffer fills, then it
 * counts drops.
 */
const QUEUE_LIMIT_BYTES = 256 * 1024 * 1024;
/** Of standard error, what an error message can use. */
const STDERR_KEPT_CHARACTERS = 16_384;

type Subprocess = ReturnType<typeof spawn>;

/** One tcpdump: its frames in a queue, its counters, and how it ended. */
export class TcpdumpProcess {
  readonly argv: readonly string[];
  readonly queue: BatchQueue;
  /** Resolves after the last frame was queued: undefined when tcpdump ended at our request, else why it died. */
  readonly finished: Promise<CaptureDiedError | undefined>;
  readonly #process: Subprocess;
  readonly #parser = createCaptureParser();
  readonly #counterReader = new CounterReader();
  readonly #startedAt = performance.now();
  #listeners: (() => void)[] = [];
  #saidListening = false;
  #limited = true;
  #told = false;
  #formatFailure: unknown;
  #answers = 0;
  stderr = '';
  frames = 0;
  hasEnded = false;
  lastCounters: CaptureCounters | undefined;
  truncated: Truncation | undefined;

  constructor(argv: readonly string[]) {
    this.argv = argv;
    this.#process = spawn(argv);
    this.queue = new BatchQueue(() => this.#process.stdout.resume());
    this.#process.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    const stderrEnded = this.#readStderr();
    this.finished = this.#finish(stderrEnded);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get linkType(): number | undefined {
    return this.#parser.linkType;
  }

  /** Resolves when the "listening on" line and the capture's header have both been seen. */
  async listening(deadlineMs: number): Promise<void> {
    const isListening = (): boolean => this.#saidListening && this.linkType !== undefined;
    if (await this.#until(isListening, deadlineMs)) return;
    if (this.hasEnded) throw new CaptureStartError(startFailure(await this.#process), this.argv, this.stderr);
    const missing = [
      ...(this.#saidListening ? [] : ['its "listening on" line']),
      ...(this.linkType === undefined ? ['the header of the capture'] : []),
    ];
    const waited = seconds(performance.now() - this.#startedAt);
    await this.kill();
    throw new CaptureStartError(
      `waited ${waited} of ${seconds(deadlineMs)} for ${missing.join(' and ')}`,
      this.argv,
      this.stderr,
    );
  }

  /** SIGUSR1 makes tcpdump print its counters (tcpdump(1)). */
  async askCounters(deadlineMs: number): Promise<CaptureCounters> {
    const before = this.#answers;
    const askedAt = performance.now();
    this.#process.kill('SIGUSR1');
    const answered = await this.#until(() => this.#answers > before, deadlineMs);
    if (!answered || this.lastCounters === undefined) {
      throw this.died(
        this.hasEnded
          ? 'it ended while it was asked for its counters'
          : `waited ${seconds(performance.now() - askedAt)} of ${seconds(deadlineMs)} for its counters`,
      );
    }
    return this.lastCounters;
  }

  /** From here on frames are kept however many there are: at the end there may be no reader, and none may be lost. */
  readWithoutLimit(): void {
    this.#limited = false;
    this.#process.stdout.resume();
  }

  /** Tells tcpdump to end; SIGKILL when it has not after the deadline. */
  async terminate(deadlineMs: number): Promise<void> {
    this.#told = true;
    this.#process.kill('SIGTERM');
    if (await this.#until(() => this.hasEnded, deadlineMs)) return;
    this.#told = false;
    this.#formatFailure ??= new Error(
      `waited ${seconds(deadlineMs)} of ${seconds(deadlineMs)} for it to end after SIGTERM, then killed it`,
    );
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.finished;
  }

  died(why: string, cause?: unknown): CaptureDiedError {
    return new CaptureDiedError(why, this.argv, this.stderr, this.frames, cause === undefined ? undefined : { cause });
  }

  #read(chunk: Buffer): void {
    // After damage nothing can be trusted; the pipe is still read, so that tcpdump can end.
    if (this.#formatFailure !== undefined) return;
    try {
      const frames = this.#parser.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this.frames += frames.length;
      this.queue.push(frames);
    } catch (error) {
      this.#formatFailure = error;
      this.#process.kill('SIGTERM');
    }
    if (this.#limited && this.queue.queuedBytes > QUEUE_LIMIT_BYTES) this.#process.stdout.pause();
    this.#changed();
  }

  async #readStderr(): Promise<void> {
    for await (const line of createInterface({ input: this.#process.stderr })) {
      const counters = this.#counterReader.read(line);
      if (counters !== undefined) {
        this.lastCounters = counters;
        this.#answers += 1;
      } else {
        this.stderr = `${this.stderr}${line}\n`.slice(-STDERR_KEPT_CHARACTERS);
        this.#saidListening ||= isListeningLine(line);
      }
      this.#changed();
    }
  }

  async #finish(stderrEnded: Promise<void>): Promise<CaptureDiedError | undefined> {
    const result = await this.#process;
    await stderrEnded;
    this.hasEnded = true;
    const error = this.#verdict(result);
    this.queue.end(error);
    this.#changed();
    return error;
  }

  #verdict(result: Awaited<Subprocess>): CaptureDiedError | undefined {
    if (this.#formatFailure !== undefined) return this.died(reasonOf(this.#formatFailure), this.#formatFailure);
    try {
      this.truncated = this.#parser.end();
    } catch (error) {
      return this.died(this.linkType === undefined ? startFailure(result) : reasonOf(error), error);
    }
    if (this.#told && (result.exitCode === 0 || result.signal === 'SIGTERM')) return undefined;
    return this.died(startFailure(result));
  }

  /** Resolves with true once `holds`, with false when the process ends or the time is over first. */
  #until(holds: () => boolean, deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (value: boolean): void => {
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((one) => one !== check);
        resolve(value);
      };
      const check = (): void => {
        if (holds()) settle(true);
        else if (this.hasEnded) settle(false);
      };
      const timer = setTimeout(() => settle(holds()), deadlineMs);
      this.#listeners.push(check);
      check();
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function spawn([file = '', ...args]: readonly string[]) {
  return execa(file, args, { buffer: false, reject: false, stdin: 'ignore' });
}

function startFailure(result: Awaited<Subprocess>): string {
  if (result.signal !== undefined) return `it was ended by ${result.signal}`;
  if (result.exitCode !== undefined) return `it exited with code ${result.exitCode}`;
  return result.code === 'ENOENT'
    ? `there is no program of that name (${reasonOf(result.cause)}): install tcpdump`
    : `it could not be run: ${reasonOf(result.cause)}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
