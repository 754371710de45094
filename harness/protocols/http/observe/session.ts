import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { Frame } from '../../../packet/frame.ts';
import { contentLength, httpHeader, type HttpRequest, type HttpResponse } from '../wire/codec.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { HttpEvent } from './events.ts';
import type { ConnectionSeen, RttUs, TransferFigures } from '../../base/observe/seen.ts';
import { HttpFraming } from './framing.ts';
import type { Application, TcpConnection } from '../../tcp/observe/connection.ts';
import { MAX_REPORTS, type EventBody, type Stamp, malformedEvent } from '../../base/observe/event-body.ts';

/** Requests sent ahead of their responses that are remembered (pipelining, RFC 9112 section 9.3.2). */
const MAX_PIPELINED = 256;
const SWITCHING_PROTOCOLS = 101;
/** What a client of HTTP/2 begins with looks like a request (RFC 9113 section 3.4); no firmware speaks it. */
const HTTP2_PREFACE = 'PRI';

type HttpBody = EventBody<HttpEvent, keyof ConnectionSeen>;

/** A request and what has come of its response. */
interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly frame: number;
  readonly atUs: number;
  readonly retransmissionsBefore: number;
  status: number | undefined;
  headUs: number;
  bytes: number;
}

/** HTTP/1.1 on one TCP connection: requests matched with responses in order (RFC 9112 section 9.3). */
export class HttpSession implements Application {
  readonly fromClient: HttpFraming;
  readonly fromServer: HttpFraming;
  readonly #connection: TcpConnection;
  readonly #emit: (event: HttpEvent | MalformedEvent) => void;
  #waiting: Exchange[] = [];
  #malformedTold = 0;
  #isHttp2 = false;

  constructor(connection: TcpConnection, client: ObservedClient<HttpEvent | MalformedEvent>) {
    this.#connection = connection;
    this.#emit = client.emit;
    const malformed = (reason: Malformed, frame: Frame): void => {
      this.#malformed(reason, frame);
    };
    this.fromClient = new HttpFraming(connection.toServer, {
      head: (head, frame) => {
        if (head.kind === 'http-request') this.#request(head, frame);
      },
      requestMethod: () => undefined,
      body: () => undefined,
      complete: () => undefined,
      malformed,
    });
    this.fromServer = new HttpFraming(connection.toClient, {
      head: (head, frame) => {
        if (head.kind === 'http-response') this.#response(head, frame);
      },
      requestMethod: () => this.#waiting[0]?.method,
      body: (bytes) => {
        const [exchange] = this.#waiting;
        if (exchange) exchange.bytes += bytes;
      },
      complete: (frame) => {
        this.#complete(frame);
      },
      malformed,
    });
  }

  finish(at: Stamp, reason: string, by?: 'client' | 'server'): void {
    const [current] = this.#waiting;
    if (current) current.bytes -= this.fromServer.bodyLeft;
    if (current && this.fromServer.untilClose && this.#connection.toClient.ended) this.#complete(at);
    for (const { method, path, status, ...exchange } of this.#waiting) {
      this.#tell(at, {
        type: 'http.unfinished',
        reason,
        ...(by === undefined ? {} : { by }),
        method,
        path,
        ...(status === undefined ? {} : { status }),
        figures: this.#figures(exchange, at),
      });
    }
    this.#waiting = [];
  }

  #request(head: HttpRequest, frame: Frame): void {
    const { method, target: path } = head;
    this.#isHttp2 ||= method === HTTP2_PREFACE;
    if (this.#isHttp2) return;
    const host = httpHeader(head, 'host');
    const range = httpHeader(head, 'range');
    const userAgent = httpHeader(head, 'user-agent');
    this.#tell(frame, {
      type: 'http.request',
      method,
      path,
      ...(host === undefined ? {} : { host }),
      ...(range === undefined ? {} : { range }),
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    if (this.#waiting.length < MAX_PIPELINED) {
      this.#waiting.push({
        method,
        path,
        frame: frame.number,
        atUs: frame.atUs,
        retransmissionsBefore: this.#connection.toClient.retransmissions,
        status: undefined,
        headUs: 0,
        bytes: 0,
      });
    }
  }

  #response(head: HttpResponse, frame: Frame): void {
    const [exchange] = this.#waiting;
    const length = contentLength(head);
    const location = httpHeader(head, 'location');
    const facts = {
      ...(typeof length === 'number' ? { contentLength: length } : {}),
      ...(location === undefined ? {} : { location }),
    };
    this.#tell(frame, { type: 'http.response', status: head.status, path: exchange?.path ?? '', ...facts });
    if (!exchange) return;
    exchange.status = head.status;
    exchange.headUs = frame.atUs - exchange.atUs;
  }

  #complete(at: Stamp): void {
    const [exchange] = this.#waiting;
    // 100 Continue and its like come before the answer (RFC 9110 section 15.2).
    if (exchange?.status === undefined || (exchange.status < 200 && exchange.status !== SWITCHING_PROTOCOLS)) return;
    this.#waiting.shift();
    const { method, path, status } = exchange;
    this.#tell(at, { type: 'http.complete', method, path, status, figures: this.#figures(exchange, at) });
  }

  /** From the request to the last byte; the latency is that of the response's head. */
  #figures(exchange: Omit<Exchange, 'method' | 'path' | 'status'>, at: Stamp): TransferFigures {
    const { headUs } = exchange;
    const rttUs: RttUs = { p50: headUs, p95: headUs, p99: headUs, max: headUs };
    return {
      bytes: exchange.bytes,
      durationUs: at.atUs - exchange.atUs,
      firstFrame: exchange.frame,
      lastFrame: at.number,
      retransmissions: this.#connection.toClient.retransmissions - exchange.retransmissionsBefore,
      rttUs,
    };
  }

  #malformed(malformed: Malformed, frame: Frame): void {
    if (this.#isHttp2 || ++this.#malformedTold > MAX_REPORTS) return;
    this.#emit(malformedEvent(malformed, frame, this.#connection.identity.client));
  }

  #tell(at: Stamp, body: HttpBody): void {
    this.#emit({ ...body, ...this.#connection.seen(at) });
  }
}
