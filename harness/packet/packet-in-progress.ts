import type { Malformed } from './malformed.ts';
import type { EthernetLayer, Ipv4Layer, Ipv6Layer, TcpLayer, UdpLayer } from './layers.ts';

/** The layers of one captured frame up to the transport protocol; a layer that the frame lacks is undefined. */
export interface Packet {
  readonly ethernet?: EthernetLayer | undefined;
  readonly ipv4?: Ipv4Layer | undefined;
  readonly ipv6?: Ipv6Layer | undefined;
  readonly udp?: UdpLayer | undefined;
  readonly tcp?: TcpLayer | undefined;
  /** What the innermost decoded layer carries (a view): shorter than `payloadLength` where the capture was trimmed. */
  readonly payload: Uint8Array;
  /** Length of the payload on the wire, from the IP and UDP lengths. Ethernet's padding is not part of it. */
  readonly payloadLength: number;
  /** Where decoding stopped; the layers beside it are valid. */
  readonly malformed?: Malformed | undefined;
}

/** A Packet while its layers are decoded: one shape for all frames, which keeps property access fast. */
export class PacketInProgress implements Packet {
  /** The whole frame. */
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  ethernet: EthernetLayer | undefined = undefined;
  ipv4: Ipv4Layer | undefined = undefined;
  ipv6: Ipv6Layer | undefined = undefined;
  udp: UdpLayer | undefined = undefined;
  tcp: TcpLayer | undefined = undefined;
  payload: Uint8Array;
  payloadLength: number;
  malformed: Malformed | undefined = undefined;

  constructor(bytes: Uint8Array, wireLength: number) {
    this.bytes = bytes;
    this.wireLength = wireLength;
    this.payload = bytes;
    this.payloadLength = bytes.length;
  }

  /** Sets the payload to the bytes from `at` to `end` on the wire, as far as they were captured. */
  carry(at: number, end: number): void {
    this.payload = this.bytes.subarray(at, Math.max(at, end));
    this.payloadLength = Math.max(0, end - at);
  }

  /** Records why a layer that starts at `at` cannot be decoded; its bytes become the payload. */
  fail(protocol: string, reason: string, at: number): void {
    const rest = this.bytes.subarray(at);
    this.malformed = { kind: 'malformed', protocol, reason, offset: 0, bytes: rest };
    this.payload = rest;
    this.payloadLength = rest.length;
  }
}
