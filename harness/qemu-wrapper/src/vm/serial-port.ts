import { LineSplitter } from '../qmp/line-splitter.ts';
import type { SerialPipes } from './serial-pipes.ts';

/** One serial port of a running VM. QEMU keeps its own log of every byte in `logFile`; this is the live side. */
export class SerialPort {
  readonly port: number;
  /** Absolute path of the log that QEMU writes. */
  readonly logFile: string;
  readonly #pipes: SerialPipes;
  readonly #lines = new LineSplitter();
  readonly #listeners = new Set<(line: string) => void>();
  readonly #ended = Promise.withResolvers<undefined>();

  constructor(port: number, logFile: string, pipes: SerialPipes) {
    this.port = port;
    this.logFile = logFile;
    this.#pipes = pipes;
    const { fromVm, toVm } = pipes;
    fromVm.on('data', (chunk: Uint8Array) => {
      for (const line of this.#lines.push(chunk)) this.#tell(line);
    });
    // The VM's end closes the pipes, and the VM reports how it ended.
    fromVm.on('error', () => undefined);
    toVm.on('error', () => undefined);
    fromVm.on('close', () => {
      toVm.destroy();
      if (this.#lines.partial !== '') this.#tell(this.#lines.partial);
      this.#ended.resolve(undefined);
    });
  }

  /** What came after the last line end, e.g. a prompt. */
  get partialLine(): string {
    return this.#lines.partial;
  }

  /**
   * Calls back for every line from now on, without its line end; returns how to stop. A last line without an end comes
   * when the VM ends.
   */
  onLine(callback: (line: string) => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /** Lines from now on until the VM ends. */
  async *lines(): AsyncGenerator<string> {
    const waiting: (string | undefined)[] = [];
    let wake = Promise.withResolvers<undefined>();
    const take = (line: string | undefined): void => {
      waiting.push(line);
      wake.resolve(undefined);
    };
    const stop = this.onLine(take);
    void this.#ended.promise.then(take);
    try {
      for (;;) {
        while (waiting.length > 0) {
          const line = waiting.shift();
          if (line === undefined) return;
          yield line;
        }
        await wake.promise;
        wake = Promise.withResolvers();
      }
    } finally {
      stop();
    }
  }

  /** Types into the port. */
  write(text: string): void {
    this.#pipes.toVm.write(text);
  }

  /** Resolves when every line that the VM wrote has been passed on. */
  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  #tell(line: string): void {
    for (const listener of this.#listeners) listener(line);
  }
}
