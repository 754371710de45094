// A lockstep client on a fast link answers sooner than a sleeping process is woken: then looking again beats sleeping.
// Clients above this round trip (every emulated one) never cause it.
const FAST_MS = 0.12;
// Two looks this far apart mean that the scheduler ran somebody else in between: this processor has better things to do.
const LATE_MS = 0.05;
const REST_MS = 250;

/**
 * Keeps the event loop looking at its sockets while a fast client is about to answer, instead of sleeping between two of
 * its packets (what net.core.busy_poll does in the kernel). Ends as soon as an answer takes longer, and rests when other
 * processes want the processor.
 */
export class BusyPoll {
  readonly #now: () => number;
  #untilMs = 0;
  #lastLookMs = 0;
  #restUntilMs = 0;
  #looking = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A packet went out to a client whose answers take `roundTripMs`. */
  sent(roundTripMs: number, nowMs: number): void {
    if (roundTripMs > FAST_MS || nowMs < this.#restUntilMs) return;
    this.#untilMs = nowMs + FAST_MS;
    if (this.#looking) return;
    this.#looking = true;
    this.#lastLookMs = Infinity; // the send itself may have taken its time
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    const nowMs = this.#now();
    const late = nowMs - this.#lastLookMs > LATE_MS;
    if (late) this.#restUntilMs = nowMs + REST_MS;
    this.#lastLookMs = nowMs;
    if (!late && nowMs < this.#untilMs) setImmediate(this.#look);
    else this.#looking = false;
  };
}
