/** Consecutive blocks that went twice for acknowledgements that came twice: less may be the network's doing. */
const BLOCKS = 4;
/**
 * A server's timer is not faster than this: 1 s in tftpd-hpa and dnsmasq, 200 ms and more in others. A block that comes
 * again sooner was not waited for.
 */
const SHORTEST_TIMER_US = 100_000;
/** Acknowledgements that came again and that nothing has answered yet: a client repeats the last few. */
const MAX_REMEMBERED = 64;
const HALF = 0x8000;

/**
 * Tells the Sorcerer's Apprentice (RFC 1123 section 4.2.3.1) from other blocks that come twice: a server that answers
 * an acknowledgement which came again with another DATA, so that every later block goes twice. A server whose timer
 * sends again what a slow client has not acknowledged is none.
 */
export class ApprenticeWatch {
  /** Acknowledgements that came again, by block. */
  readonly #again = new Set<number>();
  #lastSent = -1;
  #lastSentUs = 0;
  /** Shortest time after which a block came again that no acknowledgement had asked for. */
  #timerUs = SHORTEST_TIMER_US;
  #first = -1;
  #last = -1;

  /** DATA went over the wire, for the first time or again. */
  sent(block: number, atUs: number): void {
    this.#lastSent = block;
    this.#lastSentUs = atUs;
  }

  /** The receiver acknowledged a block once more. */
  acknowledgedAgain(block: number): void {
    this.#again.add(block);
    if (this.#again.size > MAX_REMEMBERED) for (const oldest of this.#again) return void this.#again.delete(oldest);
  }

  /**
   * A block comes again, before `sent` is told; `expected` is the next one that never came. Returns the blocks that the
   * server has doubled, when it can no longer be anything else.
   */
  repeated(block: number, expected: number, atUs: number): { first: number; last: number } | undefined {
    const sinceUs = atUs - this.#lastSentUs;
    const isLast = block === this.#lastSent;
    const asked = this.#again.delete((block - 1) & 0xffff);
    // It had sent a later block, so this one was acknowledged: no timer was running for it.
    const wasDone = ((expected - block) & 0xffff) > 1 && ((expected - block) & 0xffff) < HALF;
    if (!asked) {
      if (isLast) this.#timerUs = Math.min(this.#timerUs, sinceUs / 2);
      return undefined;
    }
    if (!wasDone && sinceUs >= this.#timerUs) return undefined;
    if (block !== ((this.#last + 1) & 0xffff)) this.#first = block;
    this.#last = block;
    return ((block - this.#first) & 0xffff) >= BLOCKS - 1 ? { first: this.#first, last: block } : undefined;
  }
}
