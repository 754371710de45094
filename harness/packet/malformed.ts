/**
 * Bytes that do not decode, kept as a layer of their own: the protocol that they were decoded as, where decoding
 * stopped, and why. "Malformed" must never read as "absent" (gopacket's DecodeFailure is the model).
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

/** What a typed view of a field gives: its value, `undefined` for an absent field, or why it cannot be read. */
export type Field<T> = T | undefined | Malformed;

/** A Malformed that holds all bytes from `offset` on. */
export function malformed(protocol: string, reason: string, bytes: Uint8Array, offset = 0): Malformed {
  return { kind: 'malformed', protocol, reason, offset, bytes: bytes.subarray(offset) };
}

/** Whether a decoded value, of whatever protocol, is a Malformed. */
export function isMalformed(value: unknown): value is Malformed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'malformed';
}
