/** An option of RRQ, WRQ or OACK in wire order; names lowercased for comparison, as RFC 2347 compares them. */
export interface TftpOption {
  readonly name: string;
  readonly value: string;
}

/** Bytes after the end of the packet's own content: tolerated as iPXE tolerates them, but kept (a view). */
interface MayTrail {
  readonly trailing?: Uint8Array;
}

interface MayBeCut extends MayTrail {
  /** The capture cut the packet: options after the last of `options` are not known. */
  readonly cut?: boolean;
}

/** A TFTP packet (RFC 1350, 2347; msftwindow's fifth ACK byte). */
export type TftpPacket =
  | (MayBeCut & {
      readonly kind: 'tftp';
      readonly op: 'read-request' | 'write-request';
      readonly filename: string;
      readonly mode: string;
      readonly options: readonly TftpOption[];
    })
  | {
      readonly kind: 'tftp';
      readonly op: 'data';
      readonly block: number;
      /** A view of the payload (shorter than `dataLength` in a trimmed capture). */
      readonly data: Uint8Array;
      readonly dataLength: number;
    }
  | (MayTrail & {
      readonly kind: 'tftp';
      readonly op: 'ack';
      readonly block: number;
      /** Microsoft's variable window: blocks wanted next. */
      readonly nextWindow?: number;
    })
  | (MayTrail & { readonly kind: 'tftp'; readonly op: 'error'; readonly code: number; readonly message: string })
  | (MayBeCut & { readonly kind: 'tftp'; readonly op: 'option-ack'; readonly options: readonly TftpOption[] });
