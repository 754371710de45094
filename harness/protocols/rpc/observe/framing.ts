import { decodeRpcHeader, decodeRpcPdu, RPC_HEADER_LENGTH, RPC_PDU_TYPES, type RpcPdu } from '../wire/codec.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { StreamReader } from '../../tcp/observe/stream-reader.ts';

/** Takes the PDUs of one direction. */
export interface RpcSink {
  /** `bytes` are the PDU's own, valid during the call only. */
  pdu(pdu: RpcPdu, bytes: Uint8Array, frame: Frame): void;
  malformed(malformed: Malformed, frame: Frame): void;
  /** PDUs may be missing from here on. */
  gap(): void;
}

/**
 * Cuts one direction of a connection into PDUs by their fragment lengths (C706 section 12.4), which are 16 bits long.
 */
export class RpcFraming implements StreamReader {
  need = RPC_HEADER_LENGTH;
  readonly #sink: RpcSink;
  #searching: boolean;

  constructor(sink: RpcSink, fromStart: boolean) {
    this.#sink = sink;
    this.#searching = !fromStart;
  }

  read(bytes: Uint8Array, frame: Frame): number {
    if (this.#searching && !beginsPdu(bytes)) return bytes.length;
    this.#searching = false;
    const header = decodeRpcHeader(bytes.subarray(0, RPC_HEADER_LENGTH));
    if (isMalformed(header)) {
      this.#sink.malformed(header, frame);
      this.#search();
      return bytes.length;
    }
    if (bytes.length < header.fragmentLength) {
      this.need = header.fragmentLength;
      return 0;
    }
    this.need = RPC_HEADER_LENGTH;
    const own = bytes.subarray(0, header.fragmentLength);
    const pdu = decodeRpcPdu(own);
    if (isMalformed(pdu)) this.#sink.malformed(pdu, frame);
    else this.#sink.pdu(pdu, own, frame);
    return header.fragmentLength;
  }

  skipped(): void {
    // asked for nothing
  }

  lost(): void {
    this.#search();
  }

  /** What comes next may be the middle of a PDU: the next segment that begins with a header shows where one begins. */
  #search(): void {
    this.#searching = true;
    this.need = RPC_HEADER_LENGTH;
    this.#sink.gap();
  }
}

/** Whether bytes begin with a PDU: version 5.0 or 5.1, a known type, little-endian numbers (C706 section 12.6.3.1). */
function beginsPdu(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 5 &&
    (bytes[1] ?? 2) <= 1 &&
    RPC_PDU_TYPES[bytes[2] ?? 255] !== undefined &&
    bytes[4] === 0x10 &&
    bytes[5] === 0 &&
    bytes[6] === 0 &&
    bytes[7] === 0
  );
}

/** The PDUs that only servers send: responses, faults, what answers a bind, and shutdown (C706 section 12.6.4). */
const SERVER_PDUS: ReadonlySet<number | undefined> = new Set([2, 3, 12, 13, 15, 17]);

/** Which side sends the PDU that bytes begin with; undefined for bytes that begin none. */
export function pduSpeaker(bytes: Uint8Array): 'client' | 'server' | undefined {
  if (!beginsPdu(bytes)) return undefined;
  return SERVER_PDUS.has(bytes[2]) ? 'server' : 'client';
}
