/** Ranges that are remembered of one file; for a client that reads more separate pieces the sum is unknown. */
const MAX_RANGES = 4096;

/** Which bytes of a file have been read, each counted once, in however many reads and opens. */
export class CoveredRanges {
  /** Ascending, with gaps between them. */
  #ranges: { start: number; end: number }[] = [];
  #bytes = 0;

  /** Distinct bytes; undefined when the file was read in too many separate pieces. */
  get bytes(): number | undefined {
    return this.#ranges.length > MAX_RANGES ? undefined : this.#bytes;
  }

  /** How many bytes of a range have been read. */
  within(start: number, end: number): number {
    // The first range that ends after `start`, by binary search.
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.end ?? 0) > start) high = middle;
      else low = middle + 1;
    }
    let bytes = 0;
    for (let range = this.#ranges[low]; range && range.start < end; range = this.#ranges[++low])
      bytes += Math.min(range.end, end) - Math.max(range.start, start);
    return bytes;
  }

  add(start: number, length: number): void {
    if (length <= 0 || this.#ranges.length > MAX_RANGES) return;
    const end = start + length;
    // Files are read forwards: the place is near the end of the list.
    let last = this.#ranges.length - 1;
    while (last >= 0 && (this.#ranges[last]?.start ?? 0) > end) last--;
    let first = last;
    while (first >= 0 && (this.#ranges[first]?.end ?? 0) >= start) first--;
    const joined = this.#ranges.slice(first + 1, last + 1);
    const union = {
      start: Math.min(start, ...joined.map((range) => range.start)),
      end: Math.max(end, ...joined.map((range) => range.end)),
    };
    this.#ranges.splice(first + 1, joined.length, union);
    this.#bytes += union.end - union.start - joined.reduce((sum, range) => sum + range.end - range.start, 0);
  }
}
