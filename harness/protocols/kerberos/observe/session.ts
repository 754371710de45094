import type { Frame } from '../../../packet/frame.ts';
import { decodeKerberos, type KerberosMessage } from '../wire/codec.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { MAX_REPORTS } from '../../base/observe/event-body.ts';
import type { KerberosEvent } from './events.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import { exchangeOf, kerberosBody, type KerberosExchange } from './exchange.ts';
import type { StreamReader } from '../../tcp/observe/stream-reader.ts';
import type { Application, TcpConnection } from '../../tcp/observe/connection.ts';

const LENGTH_BYTES = 4;
/** No ticket comes near it: Windows' largest is 48 000 bytes (MaxTokenSize). */
const MAX_MESSAGE_BYTES = 0x1_0000;

/** Kerberos on one TCP connection (RFC 4120 section 7.2.2): each message after its length. */
export class KerberosSession implements Application {
  readonly fromClient: StreamReader;
  readonly fromServer: StreamReader;
  readonly #connection: TcpConnection;
  readonly #emit: (event: KerberosEvent | MalformedEvent) => void;
  #exchange: KerberosExchange = 'as';
  #malformedTold = 0;

  constructor(connection: TcpConnection, client: ObservedClient<KerberosEvent | MalformedEvent>) {
    this.#connection = connection;
    this.#emit = client.emit;
    this.fromClient = new KerberosFraming((message, frame) => {
      this.#message(message, frame);
    });
    this.fromServer = new KerberosFraming((message, frame) => {
      this.#message(message, frame);
    });
  }

  finish(): void {
    // A request without an answer is the machine's to judge.
  }

  #message(message: KerberosMessage | Malformed, frame: Frame): void {
    const { client, server } = this.#connection.identity;
    const seen = { frame: frame.number, atUs: frame.atUs, client };
    if (isMalformed(message)) {
      if (++this.#malformedTold <= MAX_REPORTS)
        this.#emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen });
      return;
    }
    this.#exchange = exchangeOf(message) ?? this.#exchange;
    const body = kerberosBody(message, this.#exchange);
    if (body) this.#emit({ ...body, ...seen, server, carrier: 'tcp' });
  }
}

/**
 * Messages of one direction. After an impossible length, or lost bytes, nothing shows where the next message begins.
 */
class KerberosFraming implements StreamReader {
  need = LENGTH_BYTES;
  readonly #take: (message: KerberosMessage | Malformed, frame: Frame) => void;
  #blind = false;

  constructor(take: (message: KerberosMessage | Malformed, frame: Frame) => void) {
    this.#take = take;
  }

  read(bytes: Uint8Array, frame: Frame): number {
    if (this.#blind) return bytes.length;
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (length === 0 || length > MAX_MESSAGE_BYTES) {
      this.#take(
        malformed('kerberos', `a message of ${length} bytes is announced, expected 1 to ${MAX_MESSAGE_BYTES}`, bytes),
        frame,
      );
      this.#goBlind();
      return bytes.length;
    }
    if (bytes.length < LENGTH_BYTES + length) {
      this.need = LENGTH_BYTES + length;
      return 0;
    }
    this.need = LENGTH_BYTES;
    this.#take(decodeKerberos(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)), frame);
    return LENGTH_BYTES + length;
  }

  skipped(): void {
    // asked for nothing
  }

  lost(): void {
    this.#goBlind();
  }

  #goBlind(): void {
    this.#blind = true;
    this.need = 1;
  }
}
