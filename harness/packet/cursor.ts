import { malformed, type Malformed } from './malformed.ts';

/**
 * A bounds-checked reader over one protocol's bytes. The first read that does not fit is kept as `failure`; from then
 * on every read gives zero or nothing, so that a decoder reads a whole structure and looks at `failure` once.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly protocol: string;
  /** Offset of the next byte to read, from the start of `bytes`. */
  offset: number;
  failure: Malformed | undefined;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, protocol: string, offset = 0) {
    this.bytes = bytes;
    this.protocol = protocol;
    this.offset = offset;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (offset < 0 || offset > bytes.length) {
      this.offset = bytes.length;
      this.fail(`offset ${offset} is outside the ${bytes.length} bytes`, 0);
    }
  }

  /** Bytes not read yet; zero after a failure. */
  get remaining(): number {
    return this.failure ? 0 : this.bytes.length - this.offset;
  }

  /** Records a failure that the bounds do not show, e.g. a wrong structure size. Only the first one counts. */
  fail(reason: string, offset = this.offset): Malformed {
    this.failure ??= malformed(this.protocol, reason, this.bytes, Math.min(Math.max(offset, 0), this.bytes.length));
    return this.failure;
  }

  u8(what: string): number {
    const at = this.#take(1, what);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16be(what: string): number {
    const at = this.#take(2, what);
    return at < 0 ? 0 : this.#view.getUint16(at, false);
  }

  u16le(what: string): number {
    const at = this.#take(2, what);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  u32be(what: string): number {
    const at = this.#take(4, what);
    return at < 0 ? 0 : this.#view.getUint32(at, false);
  }

  u32le(what: string): number {
    const at = this.#take(4, what);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  u64le(what: string): bigint {
    const at = this.#take(8, what);
    return at < 0 ? 0n : this.#view.getBigUint64(at, true);
  }

  /** The next `length` bytes as a view, never a copy. */
  take(length: number, what: string): Uint8Array {
    const at = this.#take(length, what);
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + length);
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    return this.take(this.remaining, 'the rest');
  }

  skip(length: number, what: string): void {
    this.#take(length, what);
  }

  /** Bytes that a descriptor points at, from the start of `bytes`; does not move the cursor. */
  slice(offset: number, length: number, what: string): Uint8Array {
    if (this.failure) return this.bytes.subarray(0, 0);
    if (offset < 0 || length < 0 || offset + length > this.bytes.length) {
      this.fail(`${what} claims bytes ${offset} to ${offset + length} but there are only ${this.bytes.length}`);
      return this.bytes.subarray(0, 0);
    }
    return this.bytes.subarray(offset, offset + length);
  }

  #take(length: number, what: string): number {
    if (this.failure) return -1;
    const left = this.bytes.length - this.offset;
    if (length < 0 || length > left) {
      this.fail(`${what} needs ${length} bytes but only ${left} remain`);
      return -1;
    }
    const at = this.offset;
    this.offset += length;
    return at;
  }
}

/**
 * A 64-bit offset or size as a number. A value that a double cannot hold exactly (2^53 and more: no file is so large,
 * but all ones is a legal "append") becomes Infinity, which compares correctly and equals no real offset.
 */
export function size64(cursor: Cursor, what: string): number {
  const value = cursor.u64le(what);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}
