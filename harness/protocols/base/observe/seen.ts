import type { Malformed } from '../../../packet/malformed.ts';

/** An IPv4 or IPv6 endpoint as seen on the wire. */
export interface Endpoint {
  readonly mac: string;
  readonly ip: string;
  readonly port: number;
}

/** What every event carries: which frame, when, whose. */
export interface Seen {
  /** Number of the frame that completed the event. */
  readonly frame: number;
  /** Capture time of that frame, microseconds since the epoch. */
  readonly atUs: number;
  /**
   * The client that this event belongs to: its MAC address, lowercase with colons; where the capture does not show that,
   * its IP address, client identifier or UUID (harness/docs/decisions/172-who-a-client-is.md).
   */
  readonly client: string;
}

/** What every event of a TCP connection carries. */
export interface ConnectionSeen extends Seen {
  /** `ip:port>ip:port`, the client's end first. */
  readonly connection: string;
  readonly server: Endpoint;
}

/** Any event, for code that only passes it on. */
export interface AnyEvent extends Seen {
  readonly type: string;
}

/** Latencies of one transfer's request/response pairs, microseconds. */
export interface RttUs {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What a bulk meter knows at the end of a transfer. */
export interface TransferFigures {
  readonly bytes: number;
  readonly durationUs: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly retransmissions: number;
  readonly rttUs: RttUs;
}

/** Bytes that did not decode, on a flow that belongs to a client. */
export interface MalformedEvent extends Seen {
  readonly type: 'malformed';
  readonly malformed: Malformed;
}

/**
 * Sent by the judge when the capture's clock passes a deadline that a machine's state named (harness/docs/design.md
 * principle 5).
 */
export interface DeadlineEvent {
  readonly type: 'deadline';
  readonly atUs: number;
  /** The state's own name for what it waited for. */
  readonly waitingFor: string;
}
