import type { ConnectionSeen, RttUs } from '../../base/observe/seen.ts';
import type { ClientHello, ServerHello } from '../wire/hello.ts';

/** What one side's records carried of data, encrypted as it is. */
export interface TlsVolume {
  /** In records of application data; in TLS 1.3 what is encrypted of the handshake is among them. */
  readonly bytes: number;
  readonly records: number;
  /** Bytes of its stream, among `bytes`, whose records cannot be told: the capture lacks something before or in them. */
  readonly unread: number;
}

/** The end of a connection, or of the capture of it. */
export interface TlsClosed {
  readonly reason: string;
  /** Who ended it; absent where nobody did. */
  readonly by?: 'client' | 'server';
  /** Both sides had finished the handshake. */
  readonly established: boolean;
  /** That side's last record is as an alert is: it said that it would end the connection. */
  readonly saidSo: boolean;
  /** That side's stream ends inside a record: no order ends it so (RFC 8446 section 6.1). */
  readonly insideRecord?: true;
  readonly sent: TlsVolume;
  readonly received: TlsVolume;
  readonly retransmissions: number;
  /** From the client's hello, or its first record. */
  readonly durationUs: number;
  readonly firstFrame: number;
  /** From the client's hello to the server's. */
  readonly rttUs: RttUs;
}

export type TlsEvent = ConnectionSeen &
  (
    | ({ readonly type: 'tls.client-hello' } & Omit<ClientHello, 'kind'>)
    | ({ readonly type: 'tls.server-hello' } & Omit<ServerHello, 'kind'>)
    | { readonly type: 'tls.established' }
    | {
        readonly type: 'tls.alert';
        readonly by: 'client' | 'server';
        readonly fatal: boolean;
        /** `unknown_ca`; absent where it is encrypted, and known by its size and its place. */
        readonly name?: string;
      }
    | {
        /** The server's stream begins with something else than a record. */
        readonly type: 'tls.not-spoken';
        /** Its first characters, as far as they are printable. */
        readonly begins: string;
      }
    | ({ readonly type: 'tls.closed' } & TlsClosed)
  );
