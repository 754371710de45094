import type { Seen, Endpoint } from '../../base/observe/seen.ts';

/**
 * Kerberos (RFC 4120) as far as it goes unencrypted. `carrier`: how it came, `smb` inside a session setup. `user` is
 * the client principal without its realm, `service` the one that a ticket is for.
 */
export type KerberosEvent = Seen & { readonly server: Endpoint; readonly carrier: 'udp' | 'tcp' | 'smb' } & (
    | {
        readonly type: 'kerberos.as-request' | 'kerberos.tgs-request';
        readonly user?: string;
        readonly realm: string;
        readonly service?: string;
        readonly encryptionTypes: readonly string[];
        /** It proves that the client has the password (a TGS request does not: its ticket is the proof). */
        readonly preAuthenticated: boolean;
      }
    | {
        readonly type: 'kerberos.as-reply' | 'kerberos.tgs-reply';
        readonly user: string;
        readonly realm: string;
        readonly service: string;
        readonly encryptionType: string;
      }
    | { readonly type: 'kerberos.ap-request'; readonly service: string; readonly realm: string }
    | {
        readonly type: 'kerberos.error';
        /** The exchange that it answers. */
        readonly during: 'as' | 'tgs' | 'ap';
        readonly code: number;
        readonly codeName: string;
        readonly user?: string;
        readonly realm: string;
        readonly service?: string;
        readonly text?: string;
        /** Of Windows' and Samba's extended error. */
        readonly ntStatus?: number;
        readonly ntStatusName?: string;
      }
  );
