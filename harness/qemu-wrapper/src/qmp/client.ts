import type { Duplex } from 'node:stream';
import { DeadlineError } from '../deadline.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseQmpMessage, type QmpEvent, type QmpMessage } from './messages.ts';

/**
 * How long a command may take where its caller does not say; QEMU answers in milliseconds, but a busy host may starve
 * it.
 */
const DEFAULT_DEADLINE_MS = 10_000;
/** Unknown messages that are kept as evidence. */
const UNKNOWN_KEPT = 100;

/** QEMU answered a command with an error. */
export class QmpCommandError extends Error {
  override readonly name = 'QmpCommandError';
  readonly code = 'QMP_COMMAND';
  readonly command: string;
  /** QMP error class, nearly always `GenericError`. */
  readonly errorClass: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`qmp command ${command} was refused: ${description} (${errorClass})`);
    this.command = command;
    this.errorClass = errorClass;
  }
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A conversation with QEMU's monitor: commands and their results by id, events apart. */
export class QmpClient {
  /** QEMU's version by its greeting; '' before it. */
  version = '';
  /**
   * Lines that were neither greeting, result nor event, and results that no caller waits for any more; the newest are
   * kept.
   */
  readonly unknown: string[] = [];
  readonly #stream: Duplex;
  readonly #onEvent: (event: QmpEvent) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #lines = new LineSplitter();
  readonly #greeted = Promise.withResolvers<undefined>();
  #nextId = 1;
  #failure: Error | undefined;

  /**
   * `explainEnd` explains a broken connection: usually QEMU has ended, which the socket shows before the process does.
   */
  constructor(
    stream: Duplex,
    {
      onEvent,
      explainEnd = (broken) => Promise.resolve(broken),
    }: { onEvent: (event: QmpEvent) => void; explainEnd?: (broken: Error) => Promise<Error> },
  ) {
    this.#stream = stream;
    this.#onEvent = onEvent;
    const ended = (why: string, cause?: Error): void =>
      void explainEnd(new Error(`qmp connection ${why}`, { cause })).then((error) => this.fail(error));
    // The connection may break when no caller waits for the greeting.
    this.#greeted.promise.catch(() => undefined);
    stream.on('data', (chunk: Uint8Array) => {
      for (const line of this.#lines.push(chunk)) if (line !== '') this.#take(parseQmpMessage(line), line);
    });
    stream.on('error', (error) => ended(`broke: ${error.message}`, error));
    stream.on('close', () => ended('closed'));
  }

  /** Waits for the greeting and leaves negotiation mode, after which commands are taken. */
  async negotiate(deadlineMs = DEFAULT_DEADLINE_MS): Promise<void> {
    const startedAt = performance.now();
    const timer = setTimeout(
      () => this.fail(new DeadlineError('qmp greeting', performance.now() - startedAt, deadlineMs)),
      deadlineMs,
    );
    try {
      await this.#greeted.promise;
    } finally {
      clearTimeout(timer);
    }
    await this.execute('qmp_capabilities', {}, { deadlineMs });
  }

  /**
   * Runs a command. Rejects with QmpCommandError when QEMU refuses, DeadlineError when it does not answer, else with
   * what ended the conversation.
   */
  execute(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    { deadlineMs = DEFAULT_DEADLINE_MS }: { deadlineMs?: number } = {},
  ): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new DeadlineError(`qmp command ${command}`, performance.now() - startedAt, deadlineMs));
      }, deadlineMs);
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.#pending.delete(id);
          how(value);
        };
      this.#pending.set(id, { command, resolve: settle(resolve), reject: settle(reject) });
      this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** Ends the conversation: what waits rejects with this error, and so does what comes later. The first reason wins. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#greeted.reject(error);
    for (const pending of [...this.#pending.values()]) pending.reject(error);
    this.#stream.destroy();
  }

  #take(message: QmpMessage, line: string): void {
    if (message.kind === 'greeting') {
      this.version = message.version;
      this.#greeted.resolve(undefined);
      return;
    }
    if (message.kind === 'event') {
      this.#onEvent(message.event);
      return;
    }
    const pending = message.kind === 'unknown' ? undefined : this.#pending.get(message.id);
    if (pending === undefined) this.#keep(line);
    else if (message.kind === 'result') pending.resolve(message.value);
    else if (message.kind === 'error')
      pending.reject(new QmpCommandError(pending.command, message.class, message.description));
  }

  #keep(line: string): void {
    this.unknown.push(line);
    if (this.unknown.length > UNKNOWN_KEPT) this.unknown.shift();
  }
}
