/**
 * A remainder that could not be decoded, kept as a layer of its own: what it was taken for, where it stopped making
 * sense and why. "Malformed" must never read as "absent" (gopacket's DecodeFailure is the model).
 */
export interface Malformed {
  readonly kind: 'malformed';
  /** The protocol that the bytes were decoded as, e.g. `dhcp`. */
  readonly protocol: string;
  /** Claimed against actual, lowercase: `option 93 claims 4 bytes but only 2 remain`. */
  readonly reason: string;
  /** Offset of the first undecodable byte from the start of the protocol's own bytes. */
  readonly offset: number;
  /** What could not be decoded (a view, not a copy). */
  readonly bytes: Uint8Array;
}

/**
 * What a typed view of a field gives: its value, `undefined` for a field that is not there, or why it cannot be read.
 */
export type Field<T> = T | undefined | Malformed;

/** A Malformed whose undecodable bytes are everything from `offset` on. */
export function malformed(protocol: string, reason: string, bytes: Uint8Array, offset = 0): Malformed {
  return { kind: 'malformed', protocol, reason, offset, bytes: bytes.subarray(offset) };
}

/** Whether a decoded value, of whatever protocol, is a Malformed. */
export function isMalformed(value: unknown): value is Malformed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'malformed';
}
