import type { Frame } from '../../../packet/frame.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { MAX_REPORTS, type EventBody, type Stamp } from '../../base/observe/event-body.ts';
import type { ConnectionSeen, MalformedEvent } from '../../base/observe/seen.ts';
import type { KerberosEvent } from '../../kerberos/observe/events.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { TcpConnection } from '../../tcp/observe/connection.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import type { RpcAnomaly } from './anomaly.ts';
import type { RpcEvent } from './events.ts';

/** What is seen in an RPC connection: its own messages, the logon in them, and what is said over it to WDS. */
export type RpcSessionEvent = RpcEvent | WdsEvent | NtlmEvent | KerberosEvent | MalformedEvent;

/** An event of RPC or WDS without what all events of a connection carry. */
export type Told = EventBody<RpcEvent | WdsEvent, keyof ConnectionSeen>;

/** Emits the events of one RPC connection. */
export class RpcReports {
  readonly emit: (event: RpcSessionEvent) => void;
  /** Every PDU was seen: then what does not fit is not the capture's doing. */
  whole: boolean;
  readonly #connection: TcpConnection;
  #anomaliesTold = 0;
  #malformedTold = 0;

  constructor(connection: TcpConnection, fromStart: boolean, emit: (event: RpcSessionEvent) => void) {
    this.#connection = connection;
    this.whole = fromStart;
    this.emit = emit;
  }

  tell(at: Stamp, body: Told): void {
    this.emit({ ...body, ...this.#connection.seen(at) });
  }

  /** Only where every PDU was seen: else what does not fit may be the capture's doing. */
  anomaly(frame: Frame, anomaly: RpcAnomaly): void {
    if (this.whole) this.odd(frame, anomaly);
  }

  odd(frame: Frame, anomaly: RpcAnomaly): void {
    if (++this.#anomaliesTold <= MAX_REPORTS) this.tell(frame, { type: 'rpc.anomaly', anomaly });
  }

  malformed(malformed: Malformed, frame: Frame): void {
    if (++this.#malformedTold > MAX_REPORTS) return;
    this.emit({
      type: 'malformed',
      malformed: { ...malformed, bytes: malformed.bytes.slice() },
      frame: frame.number,
      atUs: frame.atUs,
      client: this.#connection.identity.client,
    });
  }
}
