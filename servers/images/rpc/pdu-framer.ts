import { joinBytes } from '../../../harness/packet/bytes.ts';
import { decodeRpcHeader, RPC_HEADER_LENGTH } from '../../../harness/protocols/rpc/wire/codec.ts';
import { isMalformed, type Malformed } from '../../../harness/packet/malformed.ts';

/** Cuts a connection's bytes into PDUs. It never holds more than one fragment and the chunk that it came in. */
export class PduFramer {
  #held: Uint8Array = new Uint8Array(0);
  readonly #largest: number;

  /** `largest`: a PDU whose header claims more bytes ends the connection. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Whether a PDU has begun and is not whole yet. */
  get partial(): boolean {
    return this.#held.length > 0;
  }

  /** PDUs that are complete now; the last one is malformed when no PDU after it can be cut. */
  push(chunk: Uint8Array): (Uint8Array | Malformed)[] {
    let bytes = this.#held.length > 0 ? joinBytes([this.#held, chunk]) : chunk;
    const pdus: (Uint8Array | Malformed)[] = [];
    while (bytes.length >= RPC_HEADER_LENGTH) {
      const header = decodeRpcHeader(bytes);
      if (isMalformed(header) || header.fragmentLength > this.#largest) {
        pdus.push(
          isMalformed(header)
            ? header
            : {
                kind: 'malformed',
                protocol: 'rpc',
                reason: `fragment length ${header.fragmentLength} is more than the ${this.#largest} that were negotiated`,
                offset: 8,
                bytes,
              },
        );
        bytes = new Uint8Array(0);
        break;
      }
      if (bytes.length < header.fragmentLength) break;
      pdus.push(bytes.subarray(0, header.fragmentLength));
      bytes = bytes.subarray(header.fragmentLength);
    }
    // A copy: the chunk belongs to the socket.
    this.#held = bytes.length > 0 ? Uint8Array.from(bytes) : bytes;
    return pdus;
  }
}
