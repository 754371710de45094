import type { Waiting } from '../../base/judge/machine-parts.ts';
import type { Sighting } from '../../base/judge/step.ts';
import type { TlsEvent } from '../observe/events.ts';

// What a machine remembers of a connection.

export type Closed = Omit<Extract<TlsEvent, { readonly type: 'tls.closed' }>, 'type'>;

/** Input of the machine of a connection, from the judge. */
export interface TlsInput {
  /** Whether a store of disk backups listens on this port. */
  readonly isStore: (port: number) => boolean;
}

export interface TlsContext extends Waiting, TlsInput {
  /** The client's hello. */
  readonly began: Sighting;
  readonly server: string;
  readonly port: number;
  readonly name: string | undefined;
  readonly protocols: readonly string[];
  readonly version: string | undefined;
  readonly cipher: string | undefined;
  /** What the server speaks in place of TLS. */
  readonly notSpoken: string | undefined;
  /** How the connection was cut. */
  readonly cut: Closed | undefined;
}
