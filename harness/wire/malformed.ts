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
