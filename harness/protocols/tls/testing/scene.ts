import type { Tape } from '../../../observe/testing/scene.ts';
import { encodeText } from '../../../packet/text.ts';
import { RESTIC_PORT } from '../../restic/wire/ports.ts';
import { TcpScene } from '../../tcp/testing/scene.ts';
import { CLIENT_HELLO, SERVER_HELLO } from '../wire/hello.ts';
import { MAX_RECORD_BYTES, type RecordType, SEALED_ALERT_BYTES } from '../wire/record.ts';
import {
  encodeAlert,
  encodeClientHello,
  encodeHandshake,
  encodeRecord,
  encodeServerHello,
  type HelloFacts,
} from './encode.ts';

const FINISHED_BYTES = 53;
const FLIGHT_BYTES = 600;
const VERSION_1_3 = { versions: [0x0304] };
/** Content of a full record, with what TLS 1.3 adds. */
const FULL_BYTES = 16_401;

/** A TLS connection to a store, record by record. Further connections share its tape. */
export class TlsScene extends TcpScene {
  constructor(tape?: Tape, clientPort?: number, serverPort: number = RESTIC_PORT) {
    super(tape, serverPort, clientPort);
  }

  record(fromClient: boolean, type: RecordType, content: Uint8Array): this {
    return this.bytes(fromClient, encodeRecord(type, content));
  }

  clientHello(facts: HelloFacts = { ...VERSION_1_3, protocols: ['h2', 'http/1.1'] }): this {
    return this.record(true, 'handshake', encodeHandshake(CLIENT_HELLO, encodeClientHello(facts)));
  }

  serverHello(facts: HelloFacts = VERSION_1_3): this {
    return this.record(false, 'handshake', encodeHandshake(SERVER_HELLO, encodeServerHello(facts)));
  }

  /** A record that is encrypted, of any content. */
  sealed(fromClient: boolean, bytes: number): this {
    return this.record(fromClient, 'application-data', new Uint8Array(Math.min(bytes, MAX_RECORD_BYTES)).fill(0x5a));
  }

  /** Data of so many bytes, in full records and a last one. */
  sends(fromClient: boolean, bytes: number): this {
    for (let left = bytes; left > 0; left -= FULL_BYTES) this.sealed(fromClient, Math.min(left, FULL_BYTES));
    return this;
  }

  alert(fromClient: boolean, description: number, fatal = true): this {
    return this.record(fromClient, 'alert', encodeAlert(fatal, description));
  }

  sealedAlert(fromClient: boolean): this {
    return this.sealed(fromClient, SEALED_ALERT_BYTES);
  }

  /** TLS 1.3 as far as the server's flight. */
  agrees(): this {
    return this.connect().clientHello().serverHello().sealed(false, FLIGHT_BYTES);
  }

  /** A handshake of TLS 1.3, to its end. */
  opens(): this {
    return this.agrees().sealed(true, FINISHED_BYTES);
  }

  /** What any web server answers to a hello. */
  answersInClear(): this {
    return this.bytes(false, encodeText('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  }
}
