/** An option of RRQ, WRQ or OACK in wire order; names lowercased for comparison, as RFC 2347 compares them. */
export interface TftpOption {
  readonly name: string;
  readonly value: string;
}

/** A TFTP packet (RFC 1350, 2347; msftwindow's fifth ACK byte). */
export type TftpPacket =
  | { readonly kind: 'tftp'; readonly op: 'read-request' | 'write-request'; readonly filename: string; readonly mode: string; readonly options: readonly TftpOption[] }
  | { readonly kind: 'tftp'; readonly op: 'data'; readonly block: number; /** A view of the payload (shorter than `dataLength` in a trimmed capture). */ readonly data: Uint8Array; readonly dataLength: number }
  | { readonly kind: 'tftp'; readonly op: 'ack'; readonly block: number; /** Microsoft's variable window: blocks wanted next. */ readonly nextWindow?: number }
  | { readonly kind: 'tftp'; readonly op: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'tftp'; readonly op: 'option-ack'; readonly options: readonly TftpOption[] };
