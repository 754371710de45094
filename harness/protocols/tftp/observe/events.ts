import type { Endpoint, Seen, TransferFigures } from '../../base/observe/seen.ts';
import type { BootProgram } from '../../base/wire/boot-program.ts';
import type { TftpOption } from '../wire/message.ts';
import type { TftpAnomaly, TftpSide } from './anomaly.ts';

/** One TFTP transfer is one client port talking to one server; `transfer` names it in all of its events. */
export interface TftpSeen extends Seen {
  readonly transfer: string;
  readonly server: Endpoint;
  readonly filename: string;
}

/** What the meter of a transfer has measured when the transfer is over. */
export interface TransferMeasured {
  readonly figures: TransferFigures;
  readonly blocks: number;
  /** As agreed by the OACK, else the default. */
  readonly blksize: number;
  readonly windowsize: number;
  /** The size that the side with the file announced: the server in its OACK, the client in its WRQ (RFC 2349). */
  readonly tsize?: number;
}

export type TftpEvent =
  | (TftpSeen & {
      readonly type: 'tftp.read-request' | 'tftp.write-request';
      readonly mode: string;
      readonly options: readonly TftpOption[];
      /** true for a resend of the same request */
      readonly repeated: boolean;
    })
  | (TftpSeen & {
      readonly type: 'tftp.option-ack';
      readonly options: readonly TftpOption[];
      readonly repeated: boolean;
    })
  | (TftpSeen & {
      readonly type: 'tftp.first-data';
      /** Bytes in this first block. */
      readonly blockSize: number;
      /** What a boot program of that beginning is; absent where the block does not say. */
      readonly program?: BootProgram;
    })
  | (TftpSeen & { readonly type: 'tftp.retransmission'; readonly block: number; readonly by: TftpSide })
  | (TftpSeen & {
      readonly type: 'tftp.gap';
      /** DATA beyond the next expected block. */
      readonly expectedBlock: number;
      readonly block: number;
    })
  | (TftpSeen & { readonly type: 'tftp.anomaly'; readonly anomaly: TftpAnomaly })
  | (TftpSeen & {
      readonly type: 'tftp.error';
      readonly code: number;
      readonly message: string;
      readonly by: TftpSide;
      /** The last block that was acknowledged; 0 before the first. */
      readonly acknowledged: number;
      /** The last block was 65535 or the one after it: the numbers begin anew. */
      readonly atRollOver: boolean;
    })
  | (TftpSeen & TransferMeasured & { readonly type: 'tftp.complete' })
  | (TftpSeen &
      TransferMeasured & {
        readonly type: 'tftp.unfinished';
        /** Why it was given up: the port was used for another request, the capture ended. */
        readonly reason: string;
        /** The last block, which came and was never acknowledged. */
        readonly unacknowledged?: number;
      });
