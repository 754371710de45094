import type { Malformed } from './malformed.ts';
import type { EthernetLayer, Ipv4Layer, Ipv6Layer, TcpLayer, UdpLayer } from './layers.ts';

/** A tunnel that a packet came through: its headers lie around the layers of the packet. */
export interface Tunnel {
  readonly protocol: 'VXLAN' | 'GRE' | 'ERSPAN' | 'IP in IP';
  /** VXLAN network identifier, GRE key, or ERSPAN session; undefined without one. */
  readonly id: number | undefined;
  /** Between whom: the header around the tunnel's own. */
  readonly ip: Ipv4Layer | Ipv6Layer;
  /** Where the layers inside begin, from the start of the frame. */
  readonly insideAt: number;
}

const NO_TUNNELS: readonly Tunnel[] = [];

/**
 * The layers of one captured frame up to the transport protocol; a layer that the frame lacks is undefined. Of a packet
 * that came through a tunnel these are the layers inside: it is what hosts said to each other.
 */
export interface Packet {
  readonly ethernet?: EthernetLayer | undefined;
  readonly ipv4?: Ipv4Layer | undefined;
  readonly ipv6?: Ipv6Layer | undefined;
  readonly udp?: UdpLayer | undefined;
  readonly tcp?: TcpLayer | undefined;
  /** Outermost first. */
  readonly tunnels?: readonly Tunnel[] | undefined;
  /** What may carry IP and is not taken apart here, e.g. `link type 105 (IEEE 802.11)` or `PPPoE`. */
  readonly undecoded?: string | undefined;
  /** What the innermost decoded layer carries (a view): shorter than `payloadLength` where the capture was trimmed. */
  readonly payload: Uint8Array;
  /** Where the payload begins, from the start of the frame; -1 for a reassembled datagram, which no frame holds. */
  readonly payloadAt: number;
  /** Length of the payload on the wire, from the IP and UDP lengths. Ethernet's padding is not part of it. */
  readonly payloadLength: number;
  /** Where decoding stopped; the layers beside it are valid. */
  readonly malformed?: Malformed | undefined;
}

/**
 * A Packet while its layers are decoded: one shape for all frames, which keeps property access fast. The view of the
 * payload is made when somebody reads it: of bulk nobody does, and a view costs more than all other fields together.
 */
export class PacketInProgress implements Packet {
  /** The whole frame. */
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  ethernet: EthernetLayer | undefined = undefined;
  ipv4: Ipv4Layer | undefined = undefined;
  ipv6: Ipv6Layer | undefined = undefined;
  udp: UdpLayer | undefined = undefined;
  tcp: TcpLayer | undefined = undefined;
  tunnels: readonly Tunnel[] = NO_TUNNELS;
  undecoded: string | undefined = undefined;
  /** What a tunnel carries, still to be decoded: its EtherType, and where it begins. */
  inside: { readonly etherType: number; readonly at: number } | undefined = undefined;
  payloadAt = 0;
  payloadLength: number;
  malformed: Malformed | undefined = undefined;
  #payload: Uint8Array | undefined = undefined;

  constructor(bytes: Uint8Array, wireLength: number) {
    this.bytes = bytes;
    this.wireLength = wireLength;
    this.payloadLength = bytes.length;
  }

  get payload(): Uint8Array {
    this.#payload ??= this.bytes.subarray(this.payloadAt, this.payloadAt + this.payloadLength);
    return this.#payload;
  }

  /** Sets the payload to the bytes from `at` to `end` on the wire, as far as they were captured. */
  carry(at: number, end: number): void {
    this.#payload = undefined;
    this.payloadAt = at;
    this.payloadLength = Math.max(0, end - at);
  }

  /** Leaves the bytes from `at` to `end` as they are: they may carry IP, by a means that is only named. */
  leave(undecoded: string, at: number, end: number): void {
    this.undecoded = undecoded;
    this.carry(at, end);
  }

  /** Takes the layers so far as those of a tunnel; decodeFrame goes on with what it carries. */
  enter(tunnel: Tunnel, etherType: number): void {
    this.tunnels = [...this.tunnels, tunnel];
    this.ethernet = undefined;
    this.ipv4 = undefined;
    this.ipv6 = undefined;
    this.udp = undefined;
    this.inside = { etherType, at: tunnel.insideAt };
  }

  /** Records why a layer that starts at `at` cannot be decoded; its bytes become the payload. */
  fail(protocol: string, reason: string, at: number): void {
    const rest = this.bytes.subarray(at);
    this.malformed = { kind: 'malformed', protocol, reason, offset: 0, bytes: rest };
    this.#payload = rest;
    this.payloadAt = at;
    this.payloadLength = rest.length;
  }
}
