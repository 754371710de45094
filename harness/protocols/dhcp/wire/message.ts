import type { Malformed } from '../../../packet/malformed.ts';

/** One option as it stood on the wire: order, repeats and padding are evidence, so nothing is merged here. */
export interface DhcpOption {
  readonly code: number;
  /** Offset of the code byte from the start of the BOOTP message. */
  readonly offset: number;
  /** Payload without code and length (a view). */
  readonly data: Uint8Array;
}

/** A BOOTP/DHCP message (RFC 951, RFC 2131 section 2). Addresses are dotted quads, MACs lowercase with colons. */
export interface DhcpMessage {
  readonly kind: 'dhcp';
  /** 1 BOOTREQUEST, 2 BOOTREPLY. */
  readonly op: number;
  readonly htype: number;
  readonly hlen: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  readonly flags: number;
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** Client hardware address, `hlen` bytes of chaddr, e.g. `52:54:00:12:34:56`. */
  readonly chaddr: string;
  /** Server host name field up to its NUL; empty when option overload (52) uses the field for options. */
  readonly sname: string;
  /** Boot file name field up to its NUL; empty when option overload (52) uses the field for options. */
  readonly file: string;
  /**
   * Options in wire order, pad (0) and end (255) left out, those in overloaded `file`/`sname` appended (RFC 2131
   * section 4.1).
   */
  readonly options: readonly DhcpOption[];
  /** Length of the whole message in bytes, padding included (1024 in the reference trace's ACK). */
  readonly length: number;
  /** The capture cut the message: options after the last of `options` are not known. */
  readonly cut?: boolean;
  /** Set when decoding stopped early; everything before it is valid. */
  readonly malformed?: Malformed;
}
