import type { CapturedFrame, Truncation } from '../captured-frame.ts';
import { CaptureFormatError } from '../capture-format-error.ts';

/**
 * Longest record that is held in memory. libpcap takes 262 144 bytes for a frame (MAXIMUM_SNAPLEN) and 128 MiB for a
 * few USB link types; nothing on Ethernet passes 64 KiB, so that 16 MiB leaves room for options and still bounds a
 * hostile length.
 */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Longest record that is ordinary: a frame of 64 KiB from segmentation offload, with what a format adds. */
const MAX_ORDINARY_BYTES = 128 * 1024;

/** What a format knows: where its records end and which of them are frames. */
export interface RecordFormat {
  /** LINKTYPE of the frames; undefined until the capture has said it. */
  readonly linkType: number | undefined;
  /** Frames that the file itself says were lost; undefined where it does not say. */
  readonly dropped: number | undefined;
  /**
   * Takes one record. Returns its length in bytes, which may lie beyond the window for a record without interest, or
   * the negated number of bytes that must be there before it can say more. Throws CaptureFormatError.
   */
  take(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    available: number,
    byteOffset: number,
    into: CapturedFrame[],
  ): number;
  /** What a record that needs `needBytes` is called in a message. */
  describe(needBytes: number): string;
}

/**
 * Cuts arbitrary chunks into records. A frame is a view into the chunk that it came in; only the record that straddles
 * a border is copied. The outcome does not depend on where the borders are.
 */
export class RecordSplitter {
  readonly #format: RecordFormat;
  #carry: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #carryView = new DataView(this.#carry.buffer);
  #carried = 0;
  #needBytes = 0;
  #skipBytes = 0;
  #consumedBytes = 0;
  #failure: CaptureFormatError | undefined;

  constructor(format: RecordFormat) {
    this.#format = format;
  }

  /**
   * Frames of the records that this chunk completes. Damage is thrown by the call after the one that returned the
   * frames before it.
   */
  push(chunk: Uint8Array): CapturedFrame[] {
    if (this.#failure !== undefined) throw this.#failure;
    const frames: CapturedFrame[] = [];
    try {
      this.#split(chunk, frames);
    } catch (error) {
      // Anything else is a defect of this program and must show at once.
      if (!(error instanceof CaptureFormatError)) throw error;
      this.#failure = error;
      if (frames.length === 0) throw error;
    }
    return frames;
  }

  /** To be called after the last chunk: says whether the capture ends inside a record. */
  end(): Truncation | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#skipBytes > 0)
      return { reason: `${this.#skipBytes} bytes of the last record are missing`, atByte: this.#consumedBytes };
    if (this.#carried === 0) return undefined;
    return {
      reason: `${this.#format.describe(this.#needBytes)} needs ${this.#needBytes} bytes but only ${this.#carried} remain`,
      atByte: this.#consumedBytes,
    };
  }

  #split(chunk: Uint8Array, frames: CapturedFrame[]): void {
    let at = this.#skip(chunk, 0);
    at = this.#completeCarried(chunk, at, frames);
    if (at >= chunk.length) return;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const format = this.#format;
    const base = this.#consumedBytes - at;
    while (at < chunk.length) {
      const taken = format.take(chunk, view, at, chunk.length - at, base + at, frames);
      if (taken <= 0) {
        this.#consumedBytes = base + at;
        this.#startCarry(chunk, at, -taken);
        return;
      }
      at += taken;
    }
    this.#consumedBytes = base + at;
    if (at > chunk.length) {
      this.#skipBytes = at - chunk.length;
      this.#consumedBytes = base + chunk.length;
    }
  }

  #skip(chunk: Uint8Array, at: number): number {
    const skipped = Math.min(this.#skipBytes, chunk.length - at);
    this.#skipBytes -= skipped;
    this.#consumedBytes += skipped;
    return at + skipped;
  }

  /** Adds to the straddling record just what it needs, so that the rest of the chunk stays uncopied. */
  #completeCarried(chunk: Uint8Array, from: number, frames: CapturedFrame[]): number {
    let at = from;
    while (this.#carried > 0) {
      const added = Math.min(this.#needBytes - this.#carried, chunk.length - at);
      this.#reserve(this.#carried + added);
      this.#carry.set(chunk.subarray(at, at + added), this.#carried);
      this.#carried += added;
      at += added;
      if (this.#carried < this.#needBytes) return at;
      const taken = this.#format.take(this.#carry, this.#carryView, 0, this.#carried, this.#consumedBytes, frames);
      if (taken <= 0) {
        this.#needBytes = -taken;
        continue;
      }
      const beyond = taken - this.#carried;
      this.#consumedBytes += this.#carried;
      this.#carried = 0;
      // A frame may be a view into it.
      this.#carry = new Uint8Array(0);
      this.#skipBytes = beyond;
      at = this.#skip(chunk, at);
    }
    return at;
  }

  #startCarry(chunk: Uint8Array, at: number, needBytes: number): void {
    this.#needBytes = needBytes;
    this.#reserve(chunk.length - at);
    this.#carry.set(chunk.subarray(at), 0);
    this.#carried = chunk.length - at;
  }

  /** At once for a frame that Ethernet can have; a longer one grows by what has arrived, not by what a length field claims. */
  #reserve(bytes: number): void {
    if (bytes <= this.#carry.length) return;
    const wanted = Math.max(bytes, this.#needBytes > MAX_ORDINARY_BYTES ? 2 * this.#carry.length : this.#needBytes);
    // Not zeroed: only what has arrived is read. No Buffer leaves here, whose slice() is no copy.
    const grown = new Uint8Array(Buffer.allocUnsafeSlow(Math.min(MAX_RECORD_BYTES, Math.max(wanted, 2048))).buffer);
    grown.set(this.#carry.subarray(0, this.#carried));
    this.#carry = grown;
    this.#carryView = new DataView(grown.buffer);
  }
}

/** Refuses a record that claims to be longer than what is held in memory. */
export function refuseAbsurdLength(what: string, claimed: number, limit: number, byteOffset: number): void {
  if (claimed <= limit) return;
  throw new CaptureFormatError({
    byteOffset,
    expected: `${what} of at most ${limit} bytes`,
    got: `a claim of ${claimed} bytes`,
    advice: 'the capture is damaged here',
  });
}
