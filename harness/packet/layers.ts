import { ipv6At } from './addresses.ts';
import { ipv4Text, macNumberAt, macTextAt } from './addresses-cache.ts';

// Layers are small objects over the frame's own bytes: a text is made when somebody reads it, since most frames of a
// boot are read for their ports only. A decoder checks that the bytes of a layer are present before it creates the
// layer.

/** An Ethernet II header with its VLAN tags, or what a Linux cooked capture (SLL) kept of it. */
export class EthernetLayer {
  readonly #bytes: Uint8Array;
  readonly #source: number;
  readonly #destination: number;
  /** Of the header, from the start of the frame: above 0 inside a tunnel. */
  readonly offset: number;
  /** EtherType after all VLAN tags; below 1536 it is the length of an IEEE 802.3 frame. */
  readonly etherType: number;
  /** VLAN identifiers, outermost first (IEEE 802.1Q). */
  readonly vlans: readonly number[];

  /** `source` and `destination`: where the addresses lie, -1 for one that the header does not hold. */
  constructor(
    bytes: Uint8Array,
    at: number,
    source: number,
    destination: number,
    etherType: number,
    vlans: readonly number[],
  ) {
    this.#bytes = bytes;
    this.offset = at;
    this.#source = source;
    this.#destination = destination;
    this.etherType = etherType;
    this.vlans = vlans;
  }

  /** Empty in a cooked capture whose interface has no Ethernet address. */
  get source(): string {
    return this.#source < 0 ? '' : macTextAt(this.#bytes, this.#source);
  }

  /** Empty in a cooked capture: it keeps the sender's address only. */
  get destination(): string {
    return this.#destination < 0 ? '' : macTextAt(this.#bytes, this.#destination);
  }

  /** The source as a number of 48 bits, which costs no text; -1 where the header does not hold it. */
  get sourceNumber(): number {
    return this.#source < 0 ? -1 : macNumberAt(this.#bytes, this.#source);
  }

  /** The destination as a number of 48 bits; -1 where the header does not hold it. */
  get destinationNumber(): number {
    return this.#destination < 0 ? -1 : macNumberAt(this.#bytes, this.#destination);
  }
}

/** Where a fragment lies: offset in bytes from the start of the datagram, and whether more follow. */
export interface Fragment {
  readonly offset: number;
  readonly more: boolean;
}

/** An IPv4 header (RFC 791). */
export class Ipv4Layer {
  readonly sourceNumber: number;
  readonly destinationNumber: number;
  readonly protocol: number;
  readonly ttl: number;
  readonly identification: number;
  /** As the header says: 0 in super-frames that the kernel hands to the card for segmentation. */
  readonly totalLength: number;
  readonly headerLength: number;
  /**
   * Present on fragments only. The UDP or TCP part of a first fragment is incomplete; later fragments have no UDP or
   * TCP header.
   */
  readonly fragment: Fragment | undefined;
  /** Of the header, from the start of the frame. */
  readonly offset: number;

  constructor(bytes: Uint8Array, at: number, headerLength: number) {
    this.offset = at;
    this.headerLength = headerLength;
    this.totalLength = u16(bytes, at + 2);
    this.identification = u16(bytes, at + 4);
    const flags = u16(bytes, at + 6);
    // 0x2000 more fragments, 13 bits of offset in units of 8 bytes (RFC 791 section 3.1).
    this.fragment = (flags & 0x3fff) === 0 ? undefined : { offset: (flags & 0x1fff) * 8, more: (flags & 0x2000) !== 0 };
    this.ttl = bytes[at + 8] ?? 0;
    this.protocol = bytes[at + 9] ?? 0;
    this.sourceNumber = u32(bytes, at + 12);
    this.destinationNumber = u32(bytes, at + 16);
  }

  get source(): string {
    return ipv4Text(this.sourceNumber);
  }

  get destination(): string {
    return ipv4Text(this.destinationNumber);
  }
}

/** An IPv6 header with its extension headers (RFC 8200). */
export class Ipv6Layer {
  readonly #bytes: Uint8Array;
  /** Of the header, from the start of the frame. */
  readonly offset: number;
  /** Protocol after the extension headers. */
  readonly protocol: number;
  readonly hopLimit: number;
  /** As the header says: 0 in jumbograms and super-frames. */
  readonly payloadLength: number;
  readonly fragment: Fragment | undefined;

  constructor(bytes: Uint8Array, at: number, protocol: number, fragment: Fragment | undefined) {
    this.#bytes = bytes;
    this.offset = at;
    this.protocol = protocol;
    this.fragment = fragment;
    this.payloadLength = u16(bytes, at + 4);
    this.hopLimit = bytes[at + 7] ?? 0;
  }

  get source(): string {
    return ipv6At(this.#bytes, this.offset + 8);
  }

  get destination(): string {
    return ipv6At(this.#bytes, this.offset + 24);
  }
}

/** A UDP header (RFC 768). */
export class UdpLayer {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Header included, as the header says. */
  readonly length: number;
  /** Of the header, from the start of the frame. */
  readonly offset: number;

  constructor(bytes: Uint8Array, at: number) {
    this.offset = at;
    this.sourcePort = u16(bytes, at);
    this.destinationPort = u16(bytes, at + 2);
    this.length = u16(bytes, at + 4);
  }
}

/** Bits of `TcpLayer.flags` (RFC 9293 section 3.1). */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/** A TCP header (RFC 9293). */
export class TcpLayer {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  /** As the header says, unscaled. */
  readonly window: number;
  /** Of the header, from the start of the frame. */
  readonly offset: number;
  readonly headerLength: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number, headerLength: number) {
    this.#bytes = bytes;
    this.offset = at;
    this.headerLength = headerLength;
    this.sourcePort = u16(bytes, at);
    this.destinationPort = u16(bytes, at + 2);
    this.sequence = u32(bytes, at + 4);
    this.acknowledgement = u32(bytes, at + 8);
    this.flags = bytes[at + 13] ?? 0;
    this.window = u16(bytes, at + 14);
  }

  /** Raw options (a view, made when it is read); `tcpOptions` of tcp-options.ts reads them. */
  get options(): Uint8Array {
    return this.#bytes.subarray(this.offset + 20, this.offset + this.headerLength);
  }
}

/** Big-endian 16 bits; zero beyond the end. */
export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Big-endian 32 bits, unsigned; zero beyond the end. */
export const u32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
