// A wait never grows beyond so many times the configured one, by long round trips or by doubling, so that `retries`
// bounds a transfer's end in time.
const MAX_GROWTH = 8;

/**
 * How long to wait for an acknowledgement: the configured wait, or smoothed round trip plus four deviations where that
 * is longer (RFC 6298 section 2, which RFC 1123 section 4.2.3.2 asks of TFTP; rule 2.4: short round trips do not
 * shorten it, since a client pauses for other reasons than loss). Doubled with every resend.
 */
export class RetransmissionTimer {
  readonly #firstMs: number;
  readonly #fixedMs: number | undefined;
  #smoothedMs = -1;
  #deviationMs = 0;
  #backoff = 1;

  /** `fixedMs` is the client's own choice (RFC 2349): then nothing adapts. */
  constructor(firstMs: number, fixedMs?: number) {
    this.#firstMs = firstMs;
    this.#fixedMs = fixedMs;
  }

  /** A packet that was sent once has been acknowledged (Karn: resent packets give no sample). */
  measured(roundTripMs: number): void {
    if (this.#smoothedMs < 0) {
      this.#smoothedMs = roundTripMs;
      this.#deviationMs = roundTripMs / 2;
    } else {
      this.#deviationMs += (Math.abs(this.#smoothedMs - roundTripMs) - this.#deviationMs) / 4;
      this.#smoothedMs += (roundTripMs - this.#smoothedMs) / 8;
    }
  }

  /** The client acknowledged something new. */
  advanced(): void {
    this.#backoff = 1;
  }

  /** Nothing came in time. */
  expired(): void {
    this.#backoff = Math.min(this.#backoff * 2, MAX_GROWTH);
  }

  /** Round trip as known so far, 0 before the first. */
  get roundTripMs(): number {
    return Math.max(this.#smoothedMs, 0);
  }

  get waitMs(): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    const adapted = Math.max(this.#firstMs, this.#smoothedMs + 4 * this.#deviationMs);
    return Math.min(adapted * this.#backoff, this.#firstMs * MAX_GROWTH);
  }
}
