import type { Frame } from '../../../packet/frame.ts';
import { TCP_FLAGS } from '../../../packet/layers.ts';
import type { ConnectionSeen, Endpoint } from '../../base/observe/seen.ts';
import type { TcpEvent } from './events.ts';
import { OpaqueReader, type StreamReader } from './stream-reader.ts';
import type { AcceptedConnections } from './accepted-connections.ts';
import { TcpStream } from './stream.ts';
import type { EventBody, Stamp } from '../../base/observe/event-body.ts';

/** How long nothing comes on a connection before a hole in it is one of the capture: capture points reorder a little. */
const SETTLED_AFTER_US = 1_000_000;
/** How long a sender waits at most before it sends again what was not acknowledged (RFC 6298 section 2: 1 s, and doubled). */
const REPEATED_AFTER_US = 10_000_000;

/** How often an application is told that bulk goes by: seldom enough to cost nothing, and often for any wait. */
export const MOVED_EVERY_US = 10_000_000;

type TcpBody = EventBody<TcpEvent, keyof ConnectionSeen>;

/** Whose connection it is. */
interface ConnectionIdentity {
  readonly client: string;
  readonly connection: string;
  readonly server: Endpoint;
}

/** An application protocol on a connection: one reader for each direction. */
export interface Application {
  readonly fromClient: StreamReader;
  readonly fromServer: StreamReader;
  /** Bytes that nobody reads go by, in whichever direction; called every `MOVED_EVERY_US` at most. */
  moved?(at: Stamp): void;
  /** The connection is over, or the capture is; `reason` in words, `by` where one of the two ended it. */
  finish(at: Stamp, reason: string, by?: Side): void;
}

/** An end of a connection, by its role. */
export type Side = 'client' | 'server';

/** A segment's numbers, as decoders give them. */
interface SegmentHead {
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
}

/** One TCP connection: handshake and end as events, both directions put in order for the application's readers. */
export class TcpConnection {
  readonly identity: ConnectionIdentity;
  readonly toServer: TcpStream;
  readonly toClient: TcpStream;
  /** Nothing more is expected: closed by both sides, or reset. */
  over = false;
  application: Application | undefined;
  /** Whether `settle` is to be called. */
  isWatched = false;
  readonly #emit: (event: TcpEvent) => void;
  readonly #accepted: AcceptedConnections | undefined;
  readonly #isDoubtful: boolean;
  #clientIsn = -1;
  #synFrame = 0;
  #answered = false;
  #repeatedAnswers = 0;
  #established = false;
  /** Whose FIN came first. */
  #closedBy: Side | undefined;
  #movesAgainUs = 0;
  #last: Stamp = { number: 0, atUs: 0 };

  /** `isDoubtful`: the capture may not hold all of the connection. */
  constructor(
    identity: ConnectionIdentity,
    emit: (event: TcpEvent) => void,
    isDoubtful: boolean,
    accepted?: AcceptedConnections,
  ) {
    this.identity = identity;
    this.#emit = emit;
    this.#isDoubtful = isDoubtful;
    this.#accepted = accepted;
    const lost = (by: 'client' | 'server') => (bytes: number, frame: Frame) => {
      this.#tell(frame, { type: 'tcp.lost', bytes, by });
    };
    this.toServer = new TcpStream(new OpaqueReader(), lost('client'));
    this.toClient = new TcpStream(new OpaqueReader(), lost('server'));
  }

  /** Installs the readers of an application protocol. */
  serve(application: Application): void {
    this.application = application;
    this.toServer.reader = application.fromClient;
    this.toClient.reader = application.fromServer;
  }

  /** Whether a SYN opens another connection between the same ports and does not repeat this connection's SYN. */
  isReplacedBy(sequence: number): boolean {
    return this.over || (this.#clientIsn >= 0 ? this.#clientIsn !== sequence : this.toServer.started);
  }

  /** What events of this connection carry. */
  seen(at: Stamp): ConnectionSeen {
    return { ...this.identity, frame: at.number, atUs: at.atUs };
  }

  /** Takes a segment with `length` payload bytes at `offset` of the frame. True when all of its payload is bulk. */
  segment(head: SegmentHead, frame: Frame, offset: number, length: number, fromClient: boolean): boolean {
    const { flags } = head;
    this.#last = frame;
    if ((flags & TCP_FLAGS.syn) !== 0) return this.#synchronise(head, frame, fromClient);
    const [stream, peer] = fromClient ? [this.toServer, this.toClient] : [this.toClient, this.toServer];
    if ((flags & TCP_FLAGS.rst) !== 0) return this.#reset(frame, fromClient);
    // A client acknowledges nothing before its SYN was answered, whether or not a capture holds the answer.
    const isAnswered = this.#answered || (this.#isDoubtful && this.#clientIsn >= 0 && (flags & TCP_FLAGS.ack) !== 0);
    if (isAnswered && fromClient && !this.#established) {
      this.#established = true;
      this.#tell(frame, { type: 'tcp.established' });
    }
    const bulk = length > 0 && stream.segment(head.sequence, frame, offset, length);
    if (bulk && frame.atUs >= this.#movesAgainUs) this.#moves(frame);
    if ((flags & TCP_FLAGS.ack) !== 0) peer.acknowledge(head.acknowledgement, frame);
    if ((flags & TCP_FLAGS.fin) !== 0) {
      stream.finish((head.sequence + length) >>> 0);
      this.#closedBy ??= sideOf(fromClient);
    }
    if (!this.over && this.toServer.ended && this.toClient.ended) {
      this.finish(frame, 'the connection was closed', this.#closedBy);
      this.#tell(frame, { type: 'tcp.closed' });
    }
    return bulk;
  }

  /**
   * It is so late, and nothing came: tells what the capture of this connection does not hold. False when there is nothing
   * more to tell before its next segment. For a capture that nobody can vouch for.
   */
  settle(atUs: number): boolean {
    if (this.over) return false;
    const silentUs = atUs - this.#last.atUs;
    if (silentUs < SETTLED_AFTER_US) return true;
    const end = frameOf(this.#last);
    this.toServer.flush(end);
    this.toClient.flush(end);
    if (silentUs < REPEATED_AFTER_US) return true;
    // A client that gets no acknowledgement sends again: there was one, and the answer that it came with.
    if (this.toServer.isUnanswered) this.#tell(this.#last, { type: 'tcp.lost', bytes: 0, by: 'server' });
    return false;
  }

  /**
   * The connection is over, or the capture is: the application reports what it still had open before TCP reports its
   * own end.
   */
  finish(at: Stamp, reason: string, by?: Side): void {
    if (this.over) return;
    this.over = true;
    const end = frameOf(at);
    this.toServer.flush(end);
    this.toClient.flush(end);
    this.application?.finish(at, reason, by);
    this.#tellDisorder(at);
  }

  #synchronise({ sequence, acknowledgement, flags }: SegmentHead, frame: Frame, fromClient: boolean): false {
    const isAnswer = (flags & TCP_FLAGS.ack) !== 0;
    if (fromClient && !isAnswer) {
      const repeated = this.#clientIsn === sequence;
      this.#clientIsn = sequence;
      if (!repeated) this.#synFrame = frame.number;
      if (!this.toServer.started) this.toServer.start((sequence + 1) >>> 0);
      this.#tell(frame, { type: 'tcp.syn', repeated });
    } else if (!fromClient && isAnswer) {
      if (this.#answered) this.#repeatedAnswers += 1;
      else this.#accepted?.note(this.#synFrame, frame.number);
      this.#answered = true;
      if (!this.toClient.started) this.toClient.start((sequence + 1) >>> 0);
      if (!this.toServer.started) this.toServer.start(acknowledgement);
    }
    return false;
  }

  #moves(frame: Frame): void {
    this.#movesAgainUs = frame.atUs + MOVED_EVERY_US;
    this.application?.moved?.(frame);
  }

  #tellDisorder(at: Stamp): void {
    const repeated = this.toServer.retransmissions + this.toClient.retransmissions + this.#repeatedAnswers;
    const late = this.toServer.late + this.toClient.late;
    if (repeated + late > 0) this.#tell(at, { type: 'tcp.disorder', repeated, late });
  }

  #reset(frame: Frame, fromClient: boolean): false {
    if (!this.over) {
      this.finish(frame, 'the connection was reset', sideOf(fromClient));
      this.#tell(frame, { type: 'tcp.reset', by: sideOf(fromClient) });
    }
    return false;
  }

  #tell(at: Stamp, body: TcpBody): void {
    this.#emit({ ...body, ...this.seen(at) });
  }
}

/** A frame without bytes, for what is told without one. */
const frameOf = ({ number, atUs }: Stamp): Frame => ({ number, atUs, bytes: new Uint8Array(0), originalLength: 0 });

const sideOf = (fromClient: boolean): Side => (fromClient ? 'client' : 'server');
