import type { ConnectionSeen } from '../../base/observe/seen.ts';

/** TCP facts that explain an application's silence. */
export type TcpEvent = ConnectionSeen &
  (
    | { readonly type: 'tcp.syn'; readonly repeated: boolean }
    | { readonly type: 'tcp.established' }
    | { readonly type: 'tcp.reset'; readonly by: 'client' | 'server' }
    | { readonly type: 'tcp.closed' }
    | {
        readonly type: 'tcp.disorder';
        /** Once, when the connection is over: segments that came twice. */
        readonly repeated: number;
        /** Segments that came after their turn: reordered, or lost and sent again. */
        readonly late: number;
      }
    | {
        readonly type: 'tcp.lost';
        /** Bytes that the capture never saw and that the stream skipped. */
        readonly bytes: number;
        readonly by: 'client' | 'server';
      }
  );
