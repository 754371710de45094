import type { ConnectionSeen, TransferFigures } from '../../base/observe/seen.ts';

export type HttpEvent = ConnectionSeen &
  (
    | {
        readonly type: 'http.request';
        readonly method: string;
        readonly path: string;
        readonly host?: string;
        readonly range?: string;
        readonly userAgent?: string;
      }
    | {
        readonly type: 'http.response';
        readonly status: number;
        readonly path: string;
        readonly contentLength?: number;
        readonly location?: string;
      }
    | {
        readonly type: 'http.complete';
        readonly method: string;
        readonly path: string;
        readonly status: number;
        readonly figures: TransferFigures;
      }
    | {
        readonly type: 'http.unfinished';
        /** Request without an answer, or body that did not come to its end. */
        readonly reason: string;
        /** Who ended the connection; absent where it was not ended. */
        readonly by?: 'client' | 'server';
        readonly method: string;
        readonly path: string;
        readonly status?: number;
        readonly figures: TransferFigures;
      }
  );
