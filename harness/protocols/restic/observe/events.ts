import type { ConnectionSeen, TransferFigures } from '../../base/observe/seen.ts';
import type { ResticAction, ResticTarget } from '../wire/codec.ts';

/** What a request asks for. */
export interface ResticAsked extends ResticTarget {
  readonly action: ResticAction;
  /** Of a load: its first byte, and the last one; absent where it is the object's. */
  readonly first?: number;
  readonly last?: number;
}

export type ResticEvent = ConnectionSeen & {
  /**
   * One run of restic, which opens the store and may have several connections: the frame of its first request.
   */
  readonly run: number;
} & (
    | ({ readonly type: 'restic.request' } & ResticAsked)
    | ({
        readonly type: 'restic.answer';
        readonly status: number;
        /** Of a list: how many it has, and of locks their names. Absent where the body was not read. */
        readonly entries?: number;
        readonly names?: readonly string[];
        /** Bytes of the object: those that a save sent, or that a load brought. */
        readonly figures: TransferFigures;
      } & ResticAsked)
    | ({
        /** A request without an answer, or an answer that did not come to its end. */
        readonly type: 'restic.unfinished';
        readonly reason: string;
        /** Who ended the connection; absent where the capture, and not the connection, does not have the answer. */
        readonly by?: 'client' | 'server';
        readonly status?: number;
        readonly figures: TransferFigures;
      } & ResticAsked)
    /** The content of a pack moves, for more than ten seconds now. */
    | { readonly type: 'restic.moved' }
    | {
        /** A connection of the run was closed or reset. */
        readonly type: 'restic.disconnected';
        readonly reason: string;
        readonly by: 'client' | 'server';
        /** Its last answer had said so: the run goes on over another one, or does not. */
        readonly announced?: true;
      }
  );
