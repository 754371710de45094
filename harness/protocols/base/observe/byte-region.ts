/** A range of a file that is put together from reads in whatever order; holds exactly its own bytes. */
export class ByteRegion {
  readonly start: number;
  readonly #length: number;
  #bytes: Uint8Array | undefined;
  /** Missing ranges, file positions, in order. */
  #missing: { start: number; end: number }[];

  constructor(start: number, length: number) {
    this.start = start;
    this.#length = length;
    this.#missing = length > 0 ? [{ start, end: start + length }] : [];
  }

  /** Allocated when the first bytes come, so that a size that a file only claims costs nothing. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= new Uint8Array(this.#length));
  }

  get complete(): boolean {
    return this.#missing.length === 0;
  }

  /** First missing position at or after `offset`; Infinity when there is none. */
  nextMissing(offset: number): number {
    for (const range of this.#missing) if (range.end > offset) return Math.max(range.start, offset);
    return Infinity;
  }

  /**
   * Takes the missing ones of the bytes that begin at `offset`. Returns how many bytes it passed: up to the end of the
   * missing range.
   */
  fill(offset: number, bytes: Uint8Array): number {
    const range = this.#missing.find(({ start, end }) => end > offset && start <= offset);
    if (!range) return 0;
    const end = Math.min(range.end, offset + bytes.length);
    this.bytes.set(bytes.subarray(0, end - offset), offset - this.start);
    const rest = [
      { start: range.start, end: offset },
      { start: end, end: range.end },
    ].filter((part) => part.end > part.start);
    this.#missing = this.#missing.flatMap((other) => (other === range ? rest : [other]));
    return end - offset;
  }
}
