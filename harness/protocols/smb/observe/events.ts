import type { ConnectionSeen, TransferFigures } from '../../base/observe/seen.ts';
import type { SmbAnomaly } from './anomaly.ts';

/**
 * `status` is the NTSTATUS, `statusName` its name or hex. `path` is relative to the share, backslashes, as the client
 * wrote it.
 */
export type SmbEvent = ConnectionSeen &
  (
    | { readonly type: 'smb.negotiate-request'; readonly smb1: boolean; readonly dialects: readonly string[] }
    | {
        readonly type: 'smb.negotiate-response';
        readonly dialect: string;
        readonly status: number;
        readonly statusName: string;
        /** 0x02ff: the answer to the SMB1 front door, a second negotiate follows. */
        readonly wildcard: boolean;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.smb1-response';
        /** What the server chose of the SMB1 NEGOTIATE’s dialects; empty when it takes none of them. */
        readonly dialect: string;
      }
    | { readonly type: 'smb.session-setup-request'; readonly authentication: 'ntlm' | 'kerberos' | 'unknown' }
    | {
        readonly type: 'smb.session-setup-response';
        readonly status: number;
        readonly statusName: string;
        readonly guest: boolean;
        readonly requestFrame: number;
      }
    | { readonly type: 'smb.tree-connect-request'; readonly path: string }
    | {
        readonly type: 'smb.tree-connect-response';
        readonly path: string;
        readonly status: number;
        readonly statusName: string;
        readonly shareType: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.dfs-referral';
        readonly path: string;
        readonly status: number;
        readonly statusName: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.open';
        readonly path: string;
        readonly share: string;
        readonly status: number;
        readonly statusName: string;
        readonly directory: boolean;
        readonly endOfFile: number;
        readonly fileId: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.first-read';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
      }
    | {
        readonly type: 'smb.read-refused';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
        /** As the open said; 0 when the capture did not show it. */
        readonly endOfFile: number;
        readonly status: number;
        readonly statusName: string;
      }
    | {
        readonly type: 'smb.close';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly status: number;
        readonly statusName: string;
        /** Present when the open read anything. */
        readonly figures?: TransferFigures;
        readonly reads: number;
        /** Bytes read so far of this file, over all opens, each counted once. */
        readonly distinctBytes?: number;
        readonly endOfFile: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.first-write';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
      }
    | {
        readonly type: 'smb.write-refused';
        /** Once for each open: the first WRITE that was refused. */
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
        readonly status: number;
        readonly statusName: string;
      }
    | {
        readonly type: 'smb.rename';
        /** A file got another name; `path` is the one that it was opened by. */
        readonly path: string;
        readonly to: string;
        readonly replaceIfExists: boolean;
        readonly share: string;
        readonly fileId: string;
        readonly status: number;
        readonly statusName: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.write';
        /** Once for each open that wrote, when it is closed or given up: `bytes` is their sum. */
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly bytes: number;
        readonly writes?: number;
        readonly figures?: TransferFigures;
      }
    | {
        readonly type: 'smb.other';
        /**
         * A command that no machine judges, by name (`echo`, `query-info`, …); refused ones only when status says so.
         */
        readonly command: string;
        readonly status: number;
        readonly statusName: string;
        /** The file that its compound's CREATE did not open: it could only be refused. */
        readonly afterRefused?: string;
      }
    | {
        readonly type: 'smb.unfinished';
        /** An open that read or wrote and was never closed. */
        readonly reason: string;
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly figures?: TransferFigures;
        readonly reads: number;
        /** Bytes read so far of this file, over all opens, each counted once. */
        readonly distinctBytes?: number;
        readonly endOfFile: number;
      }
    | {
        readonly type: 'smb.opaque';
        /** From here on, messages of this connection cannot be read. */
        readonly why: 'encrypted' | 'compressed';
      }
    | { readonly type: 'smb.anomaly'; readonly anomaly: SmbAnomaly }
  );
