/**
 * Appends fields to a growing buffer and patches lengths that become known later: the counterpart of Cursor, for
 * encoders.
 */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16be(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, false);
    return this;
  }

  u16le(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32be(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, false);
    return this;
  }

  u32le(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64le(value: bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  zeros(count: number): this {
    this.#room(count);
    return this;
  }

  /** Zeros up to a multiple of `alignment` from the start. */
  align(alignment: number): this {
    return this.zeros((alignment - (this.#length % alignment)) % alignment);
  }

  /** Overwrites what stands at `at`. */
  patchU16le(at: number, value: number): this {
    this.#view.setUint16(at, value, true);
    return this;
  }

  patchU32le(at: number, value: number): this {
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** Everything written, as a copy. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  // Callers read `#bytes` and `#view` after this: growing replaces both.
  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
