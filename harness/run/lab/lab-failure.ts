/** The first thing that broke in the lab, or the wish to stop: every wait ends with it. */
export class LabFailure {
  readonly #failed = Promise.withResolvers<never>();

  constructor(signal: AbortSignal) {
    this.#failed.promise.catch(() => undefined);
    const stop = (): void => this.fail(new Error('stopped before it was over'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  }

  fail(error: unknown): void {
    this.#failed.reject(error);
  }

  orFail<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise]);
  }
}
