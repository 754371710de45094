/** One option as it stood on the wire: order and repeats are evidence, so nothing is merged here. */
export interface Dhcpv6Option {
  readonly code: number;
  /** Payload without code and length (a view when it was decoded). */
  readonly data: Uint8Array;
}

/** A message between a client and a server (RFC 8415 section 8). */
export interface Dhcpv6Message {
  readonly kind: 'dhcpv6';
  readonly type: number;
  /** 24 bits that the client chose. */
  readonly transaction: number;
  readonly options: readonly Dhcpv6Option[];
}

/** A message between relays and servers, which carries another one in option 9 (RFC 8415 section 9). */
export interface Dhcpv6RelayMessage {
  readonly kind: 'dhcpv6-relay';
  readonly type: number;
  readonly hopCount: number;
  /** An address of the client's link; `::` where the interface id says it. */
  readonly linkAddress: string;
  /** Who the relay got the message from, or passes it on to. */
  readonly peerAddress: string;
  readonly options: readonly Dhcpv6Option[];
}
