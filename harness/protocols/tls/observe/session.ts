import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';
import { MAX_REPORTS, type EventBody, type Stamp, malformedEvent } from '../../base/observe/event-body.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { ConnectionSeen, MalformedEvent } from '../../base/observe/seen.ts';
import type { Application, Side, TcpConnection } from '../../tcp/observe/connection.ts';
import type { ServerHello } from '../wire/hello.ts';
import { TLS_1_3 } from '../wire/names.ts';
import { decodeTlsAlert, SEALED_ALERT_BYTES, type TlsRecord } from '../wire/record.ts';
import type { TlsEvent } from './events.ts';
import { TlsFraming } from './framing.ts';
import { HelloReader } from './hello-reader.ts';

type TlsBody = EventBody<TlsEvent, keyof ConnectionSeen>;

/** One side, as far as it has come. */
class Party {
  readonly hello = new HelloReader();
  /** It has said that what follows is encrypted; TLS 1.3 says so, too, for old devices in between, and means nothing. */
  hasChangedCipher = false;
  /** A record of it was encrypted by the keys of the handshake. */
  hasSealed = false;
}

/**
 * TLS on one connection: the hellos, alerts, and how much went by. Nothing that is encrypted is read; what an encrypted
 * record is, its size and its place say.
 */
export class TlsSession implements Application {
  readonly fromClient: TlsFraming;
  readonly fromServer: TlsFraming;
  readonly #connection: TcpConnection;
  readonly #client: ObservedClient<TlsEvent | MalformedEvent>;
  readonly #parties: Readonly<Record<Side, Party>> = { client: new Party(), server: new Party() };
  #first: Stamp | undefined;
  #clientHelloUs: number | undefined;
  #rttUs = 0;
  #version: string | undefined;
  #isEstablished = false;
  #isRefused = false;
  #alertsTold = 0;
  #malformedTold = 0;

  constructor(connection: TcpConnection, client: ObservedClient<TlsEvent | MalformedEvent>) {
    this.#connection = connection;
    this.#client = client;
    this.fromClient = this.#framing('client', connection.toServer);
    this.fromServer = this.#framing('server', connection.toClient);
  }

  finish(at: Stamp, reason: string, by?: Side): void {
    const [first, rttUs] = [this.#first, this.#rttUs];
    if (!first) return;
    this.#tell(at, {
      type: 'tls.closed',
      reason,
      ...(by === undefined ? {} : { by }),
      established: this.#isEstablished,
      saidSo: by !== undefined && this.#isAlert(this.#framingOf(by).last),
      ...(by !== undefined && this.#isTruncated(by) ? { insideRecord: true } : {}),
      sent: this.fromClient.volume,
      received: this.fromServer.volume,
      retransmissions: this.#connection.toClient.retransmissions + this.#connection.toServer.retransmissions,
      durationUs: at.atUs - first.atUs,
      firstFrame: first.number,
      rttUs: { p50: rttUs, p95: rttUs, p99: rttUs, max: rttUs },
    });
  }

  #framingOf(side: Side): TlsFraming {
    return side === 'client' ? this.fromClient : this.fromServer;
  }

  /** Whether a side's stream, of which the capture holds all, ends inside a record. */
  #isTruncated(side: Side): boolean {
    const stream = side === 'client' ? this.#connection.toServer : this.#connection.toClient;
    // What a capture lost before a reset is not known to be missing.
    const isWhole = stream.ended || !this.#client.settings.isDoubtful;
    return isWhole && this.#framingOf(side).isInside;
  }

  #framing(side: Side, stream: TcpConnection['toServer']): TlsFraming {
    return new TlsFraming(stream, {
      record: (record, frame) => this.#record(side, record, frame),
      content: (record, bytes, frame) => {
        if (record.type === 'alert') this.#alert(side, bytes, frame);
        else this.#handshake(side, bytes, frame);
      },
      malformed: (malformed, isFirst, frame) => {
        this.#parties[side].hello.giveUp();
        if (isFirst && side === 'server') this.#notSpoken(malformed, frame);
        else this.#malformed(malformed, frame);
      },
      lost: () => {
        this.#parties[side].hello.giveUp();
      },
    });
  }

  /** Whether the content of a record can be read, and is of interest. */
  #record(side: Side, record: TlsRecord, frame: Frame): boolean {
    this.#first ??= frame;
    const party = this.#parties[side];
    if (record.type === 'change-cipher-spec') {
      party.hasChangedCipher = true;
      return false;
    }
    if (record.type === 'application-data' || (party.hasChangedCipher && this.#version !== TLS_1_3)) {
      this.#sealed(side, record, frame);
      return false;
    }
    return record.type === 'alert' || (record.type === 'handshake' && party.hello.isWanted);
  }

  /** An encrypted record, which shows how far the handshake has come. */
  #sealed(side: Side, record: TlsRecord, frame: Frame): void {
    this.#parties[side].hasSealed = true;
    if (this.#isEstablished || this.#isRefused) return;
    if (this.#version === TLS_1_3) {
      if (this.#isAlert(record)) {
        this.#isRefused = true;
        this.#tell(frame, { type: 'tls.alert', by: side, fatal: true });
        return;
      }
      // The server's flight comes before the client's, which ends the handshake (RFC 8446 section 2).
      if (side === 'server') return;
    } else if (!this.#parties.client.hasSealed || !this.#parties.server.hasSealed) return;
    this.#isEstablished = true;
    this.#tell(frame, { type: 'tls.established' });
  }

  /** Whether a record is an alert: as it says itself, or by its size where TLS 1.3 hides that. */
  #isAlert(record: TlsRecord | undefined): boolean {
    if (record?.type === 'alert') return true;
    return this.#version === TLS_1_3 && record?.type === 'application-data' && record.length === SEALED_ALERT_BYTES;
  }

  #handshake(side: Side, bytes: Uint8Array, frame: Frame): void {
    const hello = this.#parties[side].hello.take(bytes);
    if (hello === undefined) return;
    if (isMalformed(hello)) {
      this.#malformed(hello, frame);
      return;
    }
    if (hello.kind === 'tls-server-hello') {
      this.#serverHello(hello, frame);
      return;
    }
    const { kind: _, ...facts } = hello;
    this.#clientHelloUs = frame.atUs;
    this.#tell(frame, { type: 'tls.client-hello', ...facts });
  }

  #serverHello({ kind: _, ...facts }: ServerHello, frame: Frame): void {
    this.#version = facts.version;
    this.#rttUs = frame.atUs - (this.#clientHelloUs ?? frame.atUs);
    this.#tell(frame, { type: 'tls.server-hello', ...facts });
    if (!facts.retry) return;
    this.#parties.client.hello.again();
    this.#parties.server.hello.again();
  }

  #alert(side: Side, bytes: Uint8Array, frame: Frame): void {
    const alert = decodeTlsAlert(bytes);
    if (isMalformed(alert)) {
      this.#malformed(alert, frame);
      return;
    }
    if (++this.#alertsTold > MAX_REPORTS) return;
    this.#isRefused ||= alert.fatal;
    this.#tell(frame, { type: 'tls.alert', by: side, fatal: alert.fatal, name: alert.name });
  }

  #notSpoken({ bytes }: Malformed, frame: Frame): void {
    const begins = decodeText(bytes.subarray(0, 40)).replace(/[^ -~].*$/s, '');
    this.#tell(frame, { type: 'tls.not-spoken', begins });
  }

  #malformed(malformed: Malformed, frame: Frame): void {
    if (++this.#malformedTold > MAX_REPORTS) return;
    this.#client.emit(malformedEvent(malformed, frame, this.#connection.identity.client));
  }

  #tell(at: Stamp, body: TlsBody): void {
    this.#client.emit({ ...body, ...this.#connection.seen(at) });
  }
}
