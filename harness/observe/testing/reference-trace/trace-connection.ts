import { type SegmentParts, tcpFrame, TRACE_CLIENT, TRACE_SERVER, u8 } from './link-frames.ts';

const ACK = 0x10;
const PSH_ACK = 0x18;
const SYN = 0x02;
/** MSS 1460, window scale 8, SACK permitted, as rows 16 and 19 of step 2 name them. */
const SYN_OPTIONS = u8(2, 4, 0x05, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2);

/**
 * A TCP connection of the trace. Initial sequence numbers are 0: the numbers on the wire are then the relative ones
 * that the rows give.
 */
export class TraceConnection {
  readonly #clientPort: number;
  readonly #serverPort: number;
  #clientNext: number;
  #serverNext: number;

  /**
   * `clientNext` and `serverNext`: next sequence numbers where the excerpt begins; 0 for a connection that begins in
   * it.
   */
  constructor(clientPort: number, serverPort: number, clientNext = 0, serverNext = 0) {
    this.#clientPort = clientPort;
    this.#serverPort = serverPort;
    this.#clientNext = clientNext;
    this.#serverNext = serverNext;
  }

  syn(): Uint8Array {
    return this.#fromClient({ flags: SYN, window: 8192, options: SYN_OPTIONS }, 1, 0);
  }

  synAck(): Uint8Array {
    return this.#fromServer({ flags: SYN | ACK, window: 8192, options: SYN_OPTIONS }, 1);
  }

  /** A segment of the client with data; it acknowledges everything received. */
  client(payload: Uint8Array): Uint8Array {
    return this.#fromClient({ flags: PSH_ACK, window: 256, payload }, payload.length);
  }

  server(payload: Uint8Array): Uint8Array {
    return this.#fromServer({ flags: PSH_ACK, window: 256, payload }, payload.length);
  }

  /** A bare acknowledgement of the client, up to `acknowledged`, by default of all. */
  clientAck(acknowledged = this.#serverNext): Uint8Array {
    return this.#fromClient({ flags: ACK, window: 256 }, 0, acknowledged);
  }

  serverAck(): Uint8Array {
    return this.#fromServer({ flags: ACK, window: 256 }, 0);
  }

  #fromClient(
    parts: Pick<SegmentParts, 'flags' | 'window' | 'options' | 'payload'>,
    bytes: number,
    acknowledgement = this.#serverNext,
  ): Uint8Array {
    const frame = tcpFrame(TRACE_CLIENT, TRACE_SERVER, {
      ...parts,
      sourcePort: this.#clientPort,
      destinationPort: this.#serverPort,
      sequence: this.#clientNext,
      acknowledgement,
    });
    this.#clientNext += bytes;
    return frame;
  }

  #fromServer(parts: Pick<SegmentParts, 'flags' | 'window' | 'options' | 'payload'>, bytes: number): Uint8Array {
    const frame = tcpFrame(TRACE_SERVER, TRACE_CLIENT, {
      ...parts,
      sourcePort: this.#serverPort,
      destinationPort: this.#clientPort,
      sequence: this.#serverNext,
      acknowledgement: this.#clientNext,
    });
    this.#serverNext += bytes;
    return frame;
  }
}
