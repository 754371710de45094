import type { Frame } from '../../../packet/frame.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { Endpoint } from '../../base/observe/seen.ts';
import type { Application, Side, TcpConnection } from './connection.ts';
import { OpaqueReader, type StreamReader } from './stream-reader.ts';

/** How an application protocol is found on TCP connections, and what follows it there. */
export interface TcpApplication<E> {
  /** Where its servers listen. */
  readonly ports: readonly number[];
  /** Those of `ports` that a client tries beside another, and why no server need listen there. */
  readonly beside?: Readonly<Record<number, string>>;
  /** Why a connection that is not accepted does no harm while a conversation of this protocol is under way. */
  readonly retried?: string;
  /** A connection to one of these ports is this protocol's whatever its bytes are. */
  readonly byPort?: true;
  /** Whether a server announced to the client that this protocol is spoken there. */
  readonly announced?: (client: ObservedClient<E>, server: Endpoint) => boolean;
  /** Which side speaks so, when the first bytes of a segment are this protocol's. */
  readonly signature?: (firstBytes: Uint8Array) => Side | undefined;
  /**
   * Whether these first bytes of a client are only a part of what shows whose they are: a protocol over this one tells its
   * requests by more than their begin. Segments are no messages (RFC 9293 section 3.7.1). `seen`: so many of the bytes
   * were a part before. No in the end, whatever comes.
   */
  readonly isPart?: (firstBytes: Uint8Array, seen: number) => boolean;
  /** `fromStart`: the capture holds the handshake, so that both streams begin with a message. */
  readonly open: (connection: TcpConnection, fromStart: boolean, client: ObservedClient<E>) => Application;
}

/** Bytes that identify an application: 4 of framing and `FE SMB`, or a method and a space. */
export const SIGNATURE_BYTES = 8;

/** Which side of a connection speaks so, by the signatures of all applications; undefined when none knows the bytes. */
export function speakerOf(
  bytes: Uint8Array,
  applications: readonly Pick<TcpApplication<never>, 'signature'>[],
): Side | undefined {
  for (const { signature } of applications) {
    const side = signature?.(bytes);
    if (side !== undefined) return side;
  }
  return undefined;
}

/**
 * Gives a connection its application: by its port, by an announcement to the client, else by the client's first bytes.
 */
export function detectApplication<E>(
  connection: TcpConnection,
  fromStart: boolean,
  client: ObservedClient<E>,
  applications: readonly TcpApplication<E>[],
): void {
  const { server } = connection.identity;
  const expected = applications.find(
    ({ ports, byPort, announced }) => (byPort && ports.includes(server.port)) || announced?.(client, server),
  );
  if (expected) {
    connection.serve(expected.open(connection, fromStart, client));
    return;
  }
  connection.toServer.reader = new FirstBytes(connection, applications, (application) => {
    connection.serve(application.open(connection, fromStart, client));
  });
}

type Recognised = Pick<TcpApplication<never>, 'signature' | 'isPart'>;

/** Waits for the first bytes of a stream; the reader that then takes its place reads them, too. */
class FirstBytes<A extends Recognised> implements StreamReader {
  need = SIGNATURE_BYTES;
  readonly #connection: TcpConnection;
  readonly #applications: readonly A[];
  readonly #serve: (application: A) => void;
  /** Bytes that are a part of what shows whose they are, and whose they are if no more of them come. */
  #seen = 0;
  #probable: A | undefined;

  constructor(connection: TcpConnection, applications: readonly A[], serve: (application: A) => void) {
    this.#connection = connection;
    this.#applications = applications;
    this.#serve = serve;
  }

  read(bytes: Uint8Array, _frame: Frame): number {
    if (this.#seen === 0) this.#probable = this.#recognised(bytes);
    if (this.#probable?.isPart?.(bytes, this.#seen) === true) {
      this.#seen = bytes.length;
      this.need = bytes.length + 1;
    } else this.#decide(this.#recognised(bytes));
    return 0;
  }

  skipped(): void {
    // asked for nothing
  }

  /** The rest of what shows more is missing. Before the first bytes, the next ones will do. */
  lost(bytes: number, frame: Frame): void {
    if (this.#seen === 0) return;
    this.#decide(this.#probable);
    this.#connection.toServer.reader.lost(bytes, frame);
  }

  #recognised(bytes: Uint8Array): A | undefined {
    return this.#applications.find(({ signature }) => signature?.(bytes) === 'client');
  }

  #decide(application: A | undefined): void {
    if (application) this.#serve(application);
    else this.#connection.toServer.reader = new OpaqueReader();
  }
}
