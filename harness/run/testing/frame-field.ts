/** One byte of a frame whose change changes the meaning of a field. */
export interface Field {
  /** The protocol's name for it. */
  readonly name: string;
  /** Position of the byte. */
  readonly at: number;
  /** Bits to turn over. */
  readonly bits: number;
}

/**
 * The field of `length` bytes at `at`, changed in its last byte: numbers in network order by one, addresses in the host
 * part.
 */
export function field(name: string, at: number, length: number, bits = 1): Field {
  return { name, at: at + length - 1, bits };
}
