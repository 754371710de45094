import type { Endpoint, Seen, TransferFigures } from '../../base/observe/seen.ts';

/** One session is one receiver's, from its CONNECT_REQ to its DISCONNECT; `session` names it in all of its events. */
export interface MulticastSeen extends Seen {
  readonly session: string;
  /** Where the receiver listens. */
  readonly receiver: Endpoint;
  /** The sender; before one answered, where the receiver asked: a group or broadcast address. */
  readonly server: Endpoint;
}

/** How a transfer is carried to this receiver. */
export interface MulticastTerms {
  readonly blockSize: number;
  readonly capabilities: number;
  /** Where DATA goes: a group, a broadcast address, or in a point-to-point transfer the receiver; empty before it is known. */
  readonly group: string;
}

/** What the meter of a session has measured. */
export interface MulticastMeasured extends MulticastTerms {
  /**
   * Bytes of the slices that this receiver has confirmed; of an asynchronous transfer, of those that were sent. Retransmissions: blocks
   * that went again while it took part, whoever had asked for them. Round trips: from a REQACK to this receiver's OK.
   */
  readonly figures: TransferFigures;
  /** Blocks, and slices with bytes, that these bytes are. */
  readonly blocks: number;
  readonly slices: number;
  /** Blocks that this receiver asked for again, each as often as it did. */
  readonly askedAgain: number;
  /** Bytes of the image on the wire meanwhile: every block as often as it went, once for all receivers. */
  readonly wireBytes: number;
  /** Packets of forward error correction meanwhile. */
  readonly fecBlocks: number;
  /** Receivers that the sender had let in when the transfer began for this one; 0 where it lets nobody in (asynchronous). */
  readonly receivers: number;
  /** Where the sender's HELLOs went; empty when none was seen. */
  readonly rendezvous: string;
  /** Capture time of the first block. */
  readonly beganUs: number;
  /** The receivers confirm what they have; not in an asynchronous transfer. */
  readonly confirmed: boolean;
}

export type MulticastEvent =
  | (MulticastSeen & {
      readonly type: 'multicast.join-request';
      readonly capabilities: number;
      readonly receiveBuffer: number;
      /** true for another request of a receiver that no sender has answered yet */
      readonly repeated: boolean;
      /** A transfer runs that it could have meant: a sender lets nobody in once it has begun. */
      readonly underWay: boolean;
    })
  | (MulticastSeen &
      MulticastTerms & {
        readonly type: 'multicast.join-reply';
        /** From 0; negative when the sender has no room. */
        readonly clientNumber: number;
        readonly repeated: boolean;
      })
  /** The HELLO of an asynchronous transfer, which no receiver answers. */
  | (MulticastSeen & MulticastTerms & { readonly type: 'multicast.announced' })
  | (MulticastSeen & { readonly type: 'multicast.go' })
  | (MulticastSeen & {
      readonly type: 'multicast.first-data';
      readonly slice: number;
      readonly receivers: number;
      readonly group: string;
    })
  | (MulticastSeen & {
      readonly type: 'multicast.gap';
      /** A block beyond the next one of its slice that was not sent before. */
      readonly slice: number;
      readonly block: number;
      readonly expectedBlock: number;
    })
  | (MulticastSeen & { readonly type: 'multicast.retransmission'; readonly slice: number; readonly block: number })
  | (MulticastSeen & {
      readonly type: 'multicast.retransmit-request';
      readonly slice: number;
      readonly round: number;
      readonly missing: number;
    })
  | (MulticastSeen & { readonly type: 'multicast.slice-confirmed'; readonly slice: number; readonly bytes: number })
  | (MulticastSeen & MulticastMeasured & { readonly type: 'multicast.complete' })
  | (MulticastSeen &
      MulticastMeasured & {
        readonly type: 'multicast.dropped';
        /** The slice that this receiver has not confirmed, and the one that the sender has gone on to. */
        readonly slice: number;
        readonly wentOnTo: number;
        /** REQACKs since this receiver last said anything. */
        readonly unanswered: number;
      })
  | (MulticastSeen & { readonly type: 'multicast.abandoned' })
  | (MulticastSeen &
      MulticastMeasured & {
        readonly type: 'multicast.leave';
        readonly complete: boolean;
        /** Since the sender last sent anything of the image; 0 before it began. */
        readonly senderSilentUs: number;
      })
  | (MulticastSeen &
      MulticastMeasured & {
        readonly type: 'multicast.unfinished';
        readonly reason: string;
        readonly unanswered: number;
      });
