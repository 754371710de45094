import type { Duplex } from 'node:stream';
import { DeadlineError } from '../deadline.ts';
import { LineSplitter } from '../qmp/line-splitter.ts';
import { object, type JsonObject } from '../qmp/messages.ts';

/** How long a command may take where its caller does not say. An agent in an emulated VM answers in tenths of a second. */
const DEFAULT_DEADLINE_MS = 10_000;
/** Not in UTF-8: it ends whatever half a request the agent still holds, and stands before the answer that restores order. */
const DELIMITER = 0xff;
/** What a decoder makes of that byte. */
const DELIMITER_READ = '\ufffd';

/** The guest agent refused a command, or did otherwise than it was asked to. */
export class GuestAgentError extends Error {
  override readonly name = 'GuestAgentError';
  readonly code = 'GUEST_AGENT';
}

interface Waiting {
  /** Whether this line is the answer; it settles the wait itself. */
  readonly take: (answer: JsonObject, delimited: boolean) => boolean;
  readonly fail: (error: Error) => void;
}

/**
 * A conversation with QEMU's guest agent (qemu-ga), one command at a time: its answers carry no id. After an answer that did
 * not come in time, and before the first command, `guest-sync-delimited` finds the place where the next answer begins
 * (docs/interop/qemu-ga-ref), so that a late answer is never taken for another command's.
 */
export class GuestAgent {
  /** Who is asked, for messages: the VM's name. */
  readonly #vm: string;
  readonly #stream: Duplex;
  readonly #lines = new LineSplitter();
  #synchronised = false;
  #lastSync = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  constructor(
    vm: string,
    stream: Duplex,
    { explainEnd = (broken) => Promise.resolve(broken) }: { explainEnd?: (broken: Error) => Promise<Error> } = {},
  ) {
    this.#vm = vm;
    this.#stream = stream;
    const ended = (why: string): void =>
      void explainEnd(new Error(`the channel to the guest agent of ${vm} ${why}`)).then((error) => {
        this.#failure ??= error;
        this.#waiting?.fail(this.#failure);
      });
    stream.on('data', (chunk: Uint8Array) => {
      for (const line of this.#lines.push(chunk)) this.#take(line);
    });
    stream.on('error', (error) => ended(`broke: ${error.message}`));
    stream.on('close', () => ended('closed'));
  }

  /**
   * Runs a command and gives its result. Rejects with GuestAgentError when the agent refuses, DeadlineError when none
   * answers (none may be running), else with what ended the channel.
   */
  execute(
    command: string,
    args: JsonObject = {},
    { deadlineMs = DEFAULT_DEADLINE_MS }: { deadlineMs?: number } = {},
  ): Promise<unknown> {
    const run = async (): Promise<unknown> => {
      const startedAt = performance.now();
      if (!this.#synchronised) await this.#synchronise(deadlineMs);
      return this.#ask(command, args, Math.max(1, deadlineMs - (performance.now() - startedAt)));
    };
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Resolves when the agent answers: it runs, and the guest with it. */
  async ping(deadlineMs = DEFAULT_DEADLINE_MS): Promise<void> {
    await this.execute('guest-ping', {}, { deadlineMs });
  }

  async #synchronise(deadlineMs: number): Promise<void> {
    const id = ++this.#lastSync;
    await this.#answer('guest-sync-delimited', { id }, deadlineMs, (resolve) => ({ return: value }, delimited) => {
      if (!delimited || value !== id) return false;
      resolve(undefined);
      return true;
    });
    this.#synchronised = true;
  }

  async #ask(command: string, args: JsonObject, deadlineMs: number): Promise<unknown> {
    try {
      return await this.#answer(command, args, deadlineMs, (resolve, reject) => (answer, delimited) => {
        if (delimited) return false;
        const refusal = object(answer['error']);
        if (refusal === undefined) resolve(answer['return']);
        else reject(new GuestAgentError(`the guest agent of ${this.#vm} refused ${command}: ${reasonIn(refusal)}`));
        return true;
      });
    } catch (error) {
      if (!(error instanceof GuestAgentError)) this.#synchronised = false;
      throw error;
    }
  }

  /** Sends a command, and waits for the line that `takes` says is its answer. */
  #answer(
    command: string,
    args: JsonObject,
    deadlineMs: number,
    takes: (resolve: (value: unknown) => void, reject: (error: Error) => void) => Waiting['take'],
  ): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const startedAt = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = (): void =>
      reject(
        new DeadlineError(`guest agent of ${this.#vm} to answer ${command}`, performance.now() - startedAt, deadlineMs),
      );
    const timer = setTimeout(late, deadlineMs);
    this.#waiting = { take: takes(resolve, reject), fail: reject };
    if (command === 'guest-sync-delimited') this.#stream.write(Uint8Array.of(DELIMITER));
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting = undefined;
    });
  }

  #take(line: string): void {
    const delimiter = line.lastIndexOf(DELIMITER_READ);
    const answer = object(parsed(line.slice(delimiter + 1)));
    if (answer === undefined || this.#waiting === undefined) return;
    if (this.#waiting.take(answer, delimiter >= 0)) this.#waiting = undefined;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function reasonIn({ desc, class: kind }: JsonObject): string {
  return `${typeof desc === 'string' ? desc : 'no description'} (${typeof kind === 'string' ? kind : 'GenericError'})`;
}
