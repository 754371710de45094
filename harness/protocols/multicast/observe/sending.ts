/** A sender goes on to a slice only when everybody has confirmed the one two before it (senddata.c: NR_SLICES). */
export const SLICES_UNDER_WAY = 2;
/** Slices that are remembered: more than are under way, since nothing of those before is repeated. */
const REMEMBERED_SLICES = 8;

/** What became of a DATA packet. */
export type BlockSeen = { readonly kind: 'next' | 'again' } | { readonly kind: 'gap'; readonly expected: number };

interface Slice {
  readonly bytes: number;
  /** The block that comes next, the first time. */
  next: number;
  /** Capture time of the last REQACK; 0 before the first. */
  askedUs: number;
}

const NEXT: BlockSeen = { kind: 'next' };
const AGAIN: BlockSeen = { kind: 'again' };

/** What one sender sends: it is on the wire once, for all receivers, and costs arithmetic only. */
export class Sending {
  /** The first packet of the image was seen. */
  begun = false;
  /** The slice of no bytes, which ends the transfer; -1 before it came. */
  endSlice = -1;
  /** When it came first. */
  endedUs = 0;
  /** Blocks that went again. */
  retransmissions = 0;
  /** Bytes of the image on the wire. */
  wireBytes = 0;
  fecBlocks = 0;
  /** The highest slice that was seen; -1 before the first. */
  latest = -1;
  /** Bytes of all slices that were seen, and how many they are. */
  bytes = 0;
  slicesWithBytes = 0;
  /** Where its HELLOs go: a group or broadcast address; empty before one was seen. */
  rendezvous = '';
  /** Where its last packet was. */
  lastFrame = 0;
  lastAtUs = 0;
  readonly #slices = new Map<number, Slice>();

  /** A DATA packet, of which `length` bytes are the image's. */
  data(slice: number, sliceBytes: number, block: number, length: number): BlockSeen {
    this.wireBytes += length;
    const known = this.#slice(slice, sliceBytes);
    const expected = known.next;
    if (block === expected) {
      known.next += 1;
      return NEXT;
    }
    // The blocks of a slice go in order first: an earlier one goes again, whether or not the capture holds its first time.
    if (block < expected) {
      this.retransmissions += 1;
      return AGAIN;
    }
    known.next = block + 1;
    return { kind: 'gap', expected };
  }

  /** Whether a DATA packet can be one more of this image: another one begins with block 0 of slice 0. */
  goesOnWith(slice: number, block: number): boolean {
    if (slice > 0) return true;
    return this.latest < SLICES_UNDER_WAY && block >= (this.#slices.get(0)?.next ?? Infinity);
  }

  /** A packet of forward error correction: it names its slice, too. */
  fec(slice: number, sliceBytes: number): void {
    this.fecBlocks += 1;
    this.#slice(slice, sliceBytes);
  }

  /** The sender asks who has a slice. */
  asked(slice: number, sliceBytes: number, atUs: number): void {
    this.#slice(slice, sliceBytes).askedUs = atUs;
  }

  /** Bytes of a slice; undefined for one that the capture does not hold, or that is long over. */
  bytesOf(slice: number): number | undefined {
    return this.#slices.get(slice)?.bytes;
  }

  /** Bytes of the remembered slices from one to another, and how many have any. A packet may name any number. */
  between(first: number, last: number): { readonly bytes: number; readonly slices: number } {
    let [bytes, slices] = [0, 0];
    for (const [slice, one] of this.#slices) {
      if (slice < first || slice > last || one.bytes === 0) continue;
      bytes += one.bytes;
      slices += 1;
    }
    return { bytes, slices };
  }

  /** When the sender last asked who has a slice; 0 before it did. */
  askedUs(slice: number): number {
    return this.#slices.get(slice)?.askedUs ?? 0;
  }

  #slice(slice: number, bytes: number): Slice {
    const known = this.#slices.get(slice);
    if (known) return known;
    const made = { bytes, next: 0, askedUs: 0 };
    this.#slices.set(slice, made);
    if (bytes === 0) {
      this.endSlice = slice;
      this.endedUs = this.lastAtUs;
    } else {
      this.bytes += bytes;
      this.slicesWithBytes += 1;
    }
    this.latest = Math.max(this.latest, slice);
    if (this.#slices.size > REMEMBERED_SLICES)
      for (const oldest of this.#slices.keys()) {
        this.#slices.delete(oldest);
        break;
      }
    return made;
  }
}
