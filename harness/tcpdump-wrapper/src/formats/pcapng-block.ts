import { CaptureFormatError } from '../capture-format-error.ts';

/** The body of one block, read in its section's byte order. */
export class BlockBody {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #start: number;
  readonly #end: number;
  readonly #offsetOfWindow: number;

  constructor(
    bytes: Uint8Array,
    view: DataView,
    littleEndian: boolean,
    start: number,
    end: number,
    offsetOfWindow: number,
  ) {
    this.#bytes = bytes;
    this.#view = view;
    this.#littleEndian = littleEndian;
    this.#start = start;
    this.#end = end;
    this.#offsetOfWindow = offsetOfWindow;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  uint16(at: number): number {
    return this.#view.getUint16(this.#start + at, this.#littleEndian);
  }

  uint32(at: number): number {
    return this.#view.getUint32(this.#start + at, this.#littleEndian);
  }

  uint64(at: number): bigint {
    return this.#view.getBigUint64(this.#start + at, this.#littleEndian);
  }

  int64(at: number): bigint {
    return this.#view.getBigInt64(this.#start + at, this.#littleEndian);
  }

  bytes(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(this.#start + at, this.#start + at + length);
  }

  /** Offset from the start of the capture. */
  offsetOf(at: number): number {
    return this.#offsetOfWindow + this.#start + at;
  }

  need(length: number, expected: string, claimed = this.length): void {
    if (this.length < length)
      throw new CaptureFormatError({
        byteOffset: this.offsetOf(0),
        expected,
        got: `${claimed} bytes`,
        advice: 'the capture is damaged here',
      });
  }
}
