import type { ConnectionSeen } from '../../base/observe/seen.ts';

export type NtlmEvent = ConnectionSeen &
  (
    | { readonly type: 'ntlm.negotiate'; readonly flags: number; readonly carrier: 'smb' | 'rpc' }
    | {
        readonly type: 'ntlm.challenge';
        readonly flags: number;
        readonly targetName: string;
        readonly carrier: 'smb' | 'rpc';
      }
    | {
        readonly type: 'ntlm.authenticate';
        readonly domain: string;
        readonly user: string;
        readonly workstation: string;
        readonly anonymous: boolean;
        readonly carrier: 'smb' | 'rpc';
        /** Whether the password is the one that the observer knows for this user; absent when it knows none. */
        readonly passwordFits?: boolean;
      }
  );
