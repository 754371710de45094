import type { Frame } from '../../../packet/frame.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { encodeText } from '../../../packet/text.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { MAX_REPORTS, type EventBody, type Stamp, malformedEvent } from '../../base/observe/event-body.ts';
import { endText } from '../../base/observe/flow-ends.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { ConnectionSeen, MalformedEvent, RttUs, TransferFigures } from '../../base/observe/seen.ts';
import { HttpFraming } from '../../http/observe/framing.ts';
import { httpHeader, type HttpRequest, type HttpResponse, isLastMessage } from '../../http/wire/codec.ts';
import { type Application, MOVED_EVERY_US, type TcpConnection } from '../../tcp/observe/connection.ts';
import { decodeResticList, RESTIC_LIST_LIMIT, resticVersion, type ResticVersion } from '../wire/codec.ts';
import { resticRequest, type ResticRequest } from '../wire/request.ts';
import type { ResticAsked, ResticEvent } from './events.ts';
import { ResticRuns } from './runs.ts';

/** Requests sent ahead of their answers that are remembered; restic sends none ahead. */
const MAX_WAITING = 64;
/** Names of locks that an answer tells: there is one for each run of restic. */
const MAX_NAMES = 64;

type ResticBody = EventBody<ResticEvent, keyof ConnectionSeen | 'run'>;

/** A request and what has come of its answer. `asked`: undefined for one that the REST backend does not know. */
interface Exchange {
  readonly method: string;
  readonly asked: ResticAsked | undefined;
  readonly frame: number;
  readonly atUs: number;
  readonly retransmissionsBefore: number;
  /** Where the answer begins in the server's stream, at the earliest. */
  readonly answerAt: number;
  sentBytes: number;
  status: number | undefined;
  headUs: number;
  bytes: number;
  /** Of a list that is read: its version, and the pieces that came. */
  list: { readonly version: ResticVersion; readonly pieces: Uint8Array[]; bytes: number } | undefined;
}

/** restic's REST backend on one connection of HTTP/1.1. Packs go by unread; lists are read. */
export class ResticSession implements Application {
  readonly fromClient: HttpFraming;
  readonly fromServer: HttpFraming;
  readonly #connection: TcpConnection;
  readonly #client: ObservedClient<ResticEvent | MalformedEvent>;
  readonly #fromStart: boolean;
  #waiting: Exchange[] = [];
  #run = 0;
  #store = '';
  #malformedTold = 0;
  /** Bytes that had gone by when this was looked at last. */
  #passed = 0;
  /** The connection ends after the answer that came last. */
  #isLastAnswer = false;
  /** The capture lacks answers, and nobody knows how many. */
  #hasHole = false;

  /** `fromStart`: the capture holds the connection's handshake. */
  constructor(connection: TcpConnection, fromStart: boolean, client: ObservedClient<ResticEvent | MalformedEvent>) {
    this.#connection = connection;
    this.#fromStart = fromStart;
    this.#client = client;
    const report = (reason: Malformed, frame: Frame): void => {
      this.#malformed(reason, frame);
    };
    this.fromClient = new HttpFraming(connection.toServer, {
      head: (head, frame) => {
        if (head.kind === 'http-request') this.#request(head, frame);
      },
      requestMethod: () => undefined,
      body: (bytes) => {
        const exchange = this.#waiting.at(-1);
        if (exchange) exchange.sentBytes += bytes;
      },
      complete: () => undefined,
      malformed: report,
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
      content: {
        isWanted: () => this.#waiting[0]?.list !== undefined,
        take: (bytes) => {
          this.#listed(bytes);
        },
      },
      complete: (frame) => {
        this.#complete(frame);
      },
      malformed: report,
      lost: () => {
        this.#hasHole = true;
      },
    });
  }

  moved(at: Stamp): void {
    const { toServer, toClient } = this.#connection;
    const passed = toServer.position + toClient.position;
    const [exchange] = this.#waiting;
    const isSlow = exchange?.asked !== undefined && at.atUs - exchange.atUs >= MOVED_EVERY_US;
    // What is sent again for want of an acknowledgement moves nothing.
    if (isSlow && passed > this.#passed) this.#tell(at, { type: 'restic.moved' });
    this.#passed = passed;
  }

  finish(at: Stamp, reason: string, by?: 'client' | 'server'): void {
    const [first] = this.#waiting;
    const last = this.#waiting.at(-1);
    if (first) first.bytes -= this.fromServer.bodyLeft;
    if (last) last.sentBytes -= this.fromClient.bodyLeft;
    for (const exchange of this.#waiting) this.#unfinished(exchange, at, reason, by);
    const announced = this.#isLastAnswer && this.#waiting.length === 0 ? ({ announced: true } as const) : {};
    this.#waiting = [];
    if (this.#run === 0) return;
    this.#runs.disconnected(this.#store, this.#run);
    if (by !== undefined) this.#tell(at, { type: 'restic.disconnected', reason, by, ...announced });
    // The client has closed it, and the capture ends before the server does.
    else if (this.#connection.toServer.ended)
      this.#tell(at, { type: 'restic.disconnected', reason: 'the connection was closed', by: 'client', ...announced });
  }

  #unfinished(exchange: Exchange, at: Stamp, reason: string, by?: 'client' | 'server'): void {
    const { asked, status } = exchange;
    if (!asked) return;
    this.#tell(at, {
      type: 'restic.unfinished',
      ...asked,
      reason,
      ...(by === undefined ? {} : { by }),
      ...(status === undefined ? {} : { status }),
      figures: this.#figures(exchange, at),
    });
  }

  #request(head: HttpRequest, frame: Frame): void {
    const request = resticRequest(head);
    const asked = request && askedBy(request);
    if (asked && this.#run === 0) {
      this.#store = `${endText(this.#connection.identity.server)}/${asked.repository}`;
      this.#run = this.#runs.of(this.#store, asked, frame.number, this.#fromStart);
    }
    if (asked) this.#tell(frame, { type: 'restic.request', ...asked });
    // restic sends nothing else; before it has said who it is, this may be any web client's.
    else if (this.#run > 0) this.#malformed(unknownRequest(head), frame);
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push({
      method: head.method,
      asked,
      frame: frame.number,
      atUs: frame.atUs,
      retransmissionsBefore: this.#retransmissions,
      answerAt: this.#connection.toClient.reach,
      sentBytes: 0,
      status: undefined,
      headUs: 0,
      bytes: 0,
      list: undefined,
    });
  }

  #response(head: HttpResponse, frame: Frame): void {
    this.#leaveLost(frame);
    const [exchange] = this.#waiting;
    // 100 Continue and its like come before the answer (RFC 9110 section 15.2).
    if (!exchange || head.status < 200) return;
    exchange.status = head.status;
    exchange.headUs = frame.atUs - exchange.atUs;
    this.#isLastAnswer = isLastMessage(head);
    const isList = exchange.asked?.action === 'list' && head.status === 200;
    if (!isList || httpHeader(head, 'content-encoding') !== undefined) return;
    exchange.list = { version: resticVersion(httpHeader(head, 'content-type')) ?? 1, pieces: [], bytes: 0 };
  }

  /**
   * Leaves behind requests whose answers the capture does not hold. An answer after a hole is that to the last request
   * that was sent before it began: restic asks for nothing before it has been answered.
   */
  #leaveLost(frame: Frame): void {
    if (!this.#hasHole) return;
    const { position } = this.#connection.toClient;
    const answered = this.#waiting.findLastIndex((one) => one.answerAt <= position && one.status === undefined);
    const left = answered < 0 ? this.#waiting.filter(({ status }) => status !== undefined).length : answered;
    for (const exchange of this.#waiting.splice(0, left))
      this.#unfinished(exchange, frame, 'the capture does not hold its answer');
    this.#hasHole = this.#waiting.length > 1;
  }

  /** A piece of a list; one that is too long is not read. */
  #listed(bytes: Uint8Array): void {
    const list = this.#waiting[0]?.list;
    if (!list) return;
    list.bytes += bytes.length;
    if (list.bytes > RESTIC_LIST_LIMIT) list.pieces.length = 0;
    else list.pieces.push(bytes.slice());
  }

  #complete(frame: Frame): void {
    const [exchange] = this.#waiting;
    if (exchange?.status === undefined) return;
    this.#waiting.shift();
    const { asked, status, list } = exchange;
    if (!asked) return;
    this.#runs.answered(this.#store, this.#run, asked, status);
    const read = list && list.bytes <= RESTIC_LIST_LIMIT ? joinBytes(list.pieces) : undefined;
    const entries = read && decodeResticList(read, list?.version ?? 1);
    if (isMalformed(entries)) this.#malformed(entries, frame);
    const known = entries === undefined || isMalformed(entries) ? undefined : entries;
    this.#tell(frame, {
      type: 'restic.answer',
      ...asked,
      status,
      ...(known ? { entries: known.length } : {}),
      ...(known && asked.kind === 'locks' ? { names: known.slice(0, MAX_NAMES).map(({ name }) => name) } : {}),
      figures: this.#figures(exchange, frame),
    });
  }

  /** From the request to the last byte; the latency is that of the answer's head. */
  #figures({ asked, frame, atUs, headUs, ...exchange }: Exchange, at: Stamp): TransferFigures {
    const rttUs: RttUs = { p50: headUs, p95: headUs, p99: headUs, max: headUs };
    return {
      bytes: asked?.action === 'save' ? exchange.sentBytes : exchange.bytes,
      durationUs: at.atUs - atUs,
      firstFrame: frame,
      lastFrame: at.number,
      retransmissions: this.#retransmissions - exchange.retransmissionsBefore,
      rttUs,
    };
  }

  get #runs(): ResticRuns {
    return this.#client.shared(ResticRuns);
  }

  get #retransmissions(): number {
    return this.#connection.toClient.retransmissions + this.#connection.toServer.retransmissions;
  }

  #malformed(malformed: Malformed, frame: Frame): void {
    if (++this.#malformedTold > MAX_REPORTS) return;
    this.#client.emit(malformedEvent(malformed, frame, this.#connection.identity.client));
  }

  #tell(at: Stamp, body: ResticBody): void {
    this.#client.emit({ ...body, run: this.#run, ...this.#connection.seen(at) });
  }
}

function unknownRequest({ method, target }: HttpRequest): Malformed {
  const got = `${method} ${target}`.slice(0, 100);
  return malformed('restic', `expected a request of the REST backend, got ${got}`, encodeText(got));
}

function askedBy({ action, repository, kind, id, create, range }: ResticRequest): ResticAsked {
  return {
    action,
    repository,
    kind,
    ...(id === undefined ? {} : { id }),
    ...(create ? { create } : {}),
    ...(range === undefined ? {} : range),
  };
}
