/** Capabilities of either side: the word of CONNECT_REQ, CONNECT_REPLY and HELLO. */
export const CAPABILITIES = {
  /** Knows groups and capabilities. */
  newGeneration: 0x0001,
  forwardErrorCorrection: 0x0004,
  bigEndian: 0x0008,
  littleEndian: 0x0010,
  /** The transfer has no way back: receivers confirm nothing. */
  asynchronous: 0x0020,
} as const;

/** The client number of a CONNECT_REPLY that lets nobody in. */
export const REFUSED = -1;

/** Blocks of a slice at most: as many as the map of a RETRANSMIT has bits. */
export const MAX_SLICE_BLOCKS = 1024;

/** What names a packet of the image: slices are confirmed as a whole. */
interface InSlice {
  /** From 0. */
  readonly slice: number;
  /** Bytes of the whole slice; 0 in the slice that ends the transfer. */
  readonly sliceBytes: number;
}

/** What a receiver says: all of it to the sender's port. */
export type ReceiverMessage =
  | { readonly op: 'connect-request'; readonly capabilities: number; readonly receiveBuffer: number }
  | { readonly op: 'go' }
  /** The receiver has the whole slice. */
  | { readonly op: 'ok'; readonly slice: number }
  | {
      readonly op: 'retransmit';
      readonly slice: number;
      /** Of the REQACK that it answers. */
      readonly round: number;
      /** Blocks of the slice that the receiver has: bit n & 7 of byte n >> 3. */
      readonly has: Uint8Array;
    }
  | { readonly op: 'disconnect' };

/** What a sender says. `group`: where DATA will go; undefined before a point-to-point transfer knows its receiver. */
export type SenderMessage =
  | {
      readonly op: 'hello';
      /** Sent in the middle of a transfer, so that receivers may join there. */
      readonly streaming: boolean;
      readonly capabilities: number;
      readonly group: string | undefined;
      readonly blockSize: number;
    }
  | {
      readonly op: 'connect-reply';
      /** From 0, or `REFUSED`. */
      readonly clientNumber: number;
      readonly blockSize: number;
      readonly capabilities: number;
      readonly group: string | undefined;
    }
  /** `dataLength`: bytes of the image in this packet. */
  | ({ readonly op: 'data'; readonly block: number; readonly dataLength: number } & InSlice)
  | ({ readonly op: 'fec'; readonly stripes: number; readonly block: number; readonly dataLength: number } & InSlice)
  /** The sender asks who has the slice. */
  | ({
      readonly op: 'request-ack';
      readonly round: number;
      /** Receivers that said OK before, by their number: bit n & 7 of byte n >> 3. */
      readonly ready: Uint8Array;
    } & InSlice);

/** A packet of udpcast. */
export type UdpcastMessage = ReceiverMessage | SenderMessage;
