/** Bytes that end before what they announce, or say what cannot be. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly code = 'MALFORMED';
}

/** Reads little-endian fields; every read names itself, and what is read past the end is a MalformedError. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#take(1, what));
  }
  u16(what: string): number {
    return this.#view.getUint16(this.#take(2, what), true);
  }
  u32(what: string): number {
    return this.#view.getUint32(this.#take(4, what), true);
  }
  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#take(8, what), true);
  }
  bytes(length: number, what: string): Uint8Array {
    const from = this.#take(length, what);
    return this.#bytes.subarray(from, from + length);
  }
  guid(what: string): string {
    return guidText(this.bytes(16, what));
  }
  /** UCS-2 up to its NUL, which is read, too. */
  text(what: string): string {
    const units: number[] = [];
    for (;;) {
      const unit = this.u16(what);
      if (unit === 0) return String.fromCharCode(...units);
      units.push(unit);
    }
  }

  #take(length: number, what: string): number {
    if (length > this.left)
      throw new MalformedError(`${what} needs ${length} bytes at offset ${this.at}, there are ${this.left}`);
    const from = this.at;
    this.at += length;
    return from;
  }
}

/** A GUID as people write it: its first three fields are little-endian (UEFI 2.10 appendix A). */
export function guidText(bytes: Uint8Array): string {
  const hex = (from: number, to: number, turned: boolean): string => {
    const part = [...bytes.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, '0'));
    return (turned ? part.reverse() : part).join('');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
}

export function guidBytes(text: string): Uint8Array {
  const [a = '', b = '', c = '', d = '', e = ''] = text.split('-');
  const turned = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex')).reverse();
  return Buffer.concat([turned(a), turned(b), turned(c), Buffer.from(d + e, 'hex')]);
}

/** UCS-2 with its NUL. */
export const ucs2 = (text: string): Uint8Array => Buffer.from(`${text}\0`, 'utf16le');

export function littleEndian(value: number, size: 1 | 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}
