import type { CapturedFrame } from '../captured-frame.ts';

/** Batches between a producer that cannot wait and a consumer that may be busy. */
export class BatchQueue {
  #batches: CapturedFrame[][] = [];
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;
  #queuedBytes = 0;
  readonly #onTaken: () => void;

  /** `onTaken` is called whenever the consumer has made room. */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  /** Stored bytes of the frames that wait. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(batch: CapturedFrame[]): void {
    if (batch.length === 0) return;
    for (const frame of batch) this.#queuedBytes += frame.bytes.length;
    this.#batches.push(batch);
    this.#wake?.();
  }

  /** No batch comes after this; the consumer gets an error after the last batch. */
  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  async *batches(): AsyncGenerator<CapturedFrame[]> {
    for (;;) {
      const waiting = this.#batches;
      if (waiting.length > 0) {
        this.#batches = [];
        this.#queuedBytes = 0;
        this.#onTaken();
        yield* waiting;
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
