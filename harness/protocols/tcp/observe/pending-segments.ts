/**
 * Bytes that a stream holds back for one hole before it gives the hole up (a receive window's worth of small messages).
 */
export const MAX_PENDING_BYTES = 1 << 20;
/**
 * Separate ranges that a stream holds back; a receiver with more holes than this has lost its capture, not a segment.
 */
const MAX_PENDING_RANGES = 1024;

/**
 * A range of a stream that came ahead of its turn. Positions are stream positions, not wire sequence numbers: they do
 * not wrap.
 */
interface PendingRange {
  readonly start: number;
  readonly end: number;
  /**
   * A copy of what the capture holds of it: shorter than the range in a trimmed capture, absent where no reader needs
   * it.
   */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Out-of-order ranges of one stream, in order, never overlapping: of two copies of a byte the first one seen stays (as
 * receivers do).
 */
export class PendingSegments {
  #ranges: PendingRange[] = [];
  #bytes = 0;

  get first(): PendingRange | undefined {
    return this.#ranges[0];
  }

  get last(): PendingRange | undefined {
    return this.#ranges.at(-1);
  }

  /** True when a limit is reached and the first hole must be given up. */
  get full(): boolean {
    return this.#bytes > MAX_PENDING_BYTES || this.#ranges.length > MAX_PENDING_RANGES;
  }

  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Adds what is new of a range; `bytes` is copied. Returns false when every byte of it was there already. */
  add(start: number, end: number, bytes: Uint8Array | undefined): boolean {
    let index = this.#ranges.length;
    while (index > 0 && (this.#ranges[index - 1]?.end ?? 0) > start) index--;
    let from = start;
    let added = false;
    for (;;) {
      const next = this.#ranges[index];
      const to = Math.min(end, next?.start ?? end);
      if (to > from) {
        index += this.#insert(index, from, to, bytes?.subarray(Math.min(from - start, bytes.length), to - start));
        added = true;
      }
      const following = this.#ranges[index];
      if (!following || following.end >= end) return added;
      from = Math.max(from, following.end);
      index++;
    }
  }

  /** Removes and returns the first range. */
  shift(): PendingRange | undefined {
    const range = this.#ranges.shift();
    this.#bytes -= range?.bytes?.length ?? 0;
    return range;
  }

  /** Inserts one range, or grows the one before it when neither holds bytes. Returns how many ranges were added. */
  #insert(index: number, start: number, end: number, bytes: Uint8Array | undefined): 0 | 1 {
    const before = this.#ranges[index - 1];
    if (!bytes && before && !before.bytes && before.end === start) {
      this.#ranges[index - 1] = { start: before.start, end, bytes: undefined };
      return 0;
    }
    this.#ranges.splice(index, 0, { start, end, bytes: bytes?.slice() });
    this.#bytes += bytes?.length ?? 0;
    return 1;
  }
}
