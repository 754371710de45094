import { joinBytes } from '../../../packet/bytes.ts';
import { decodeRpcHeader, decodeRpcPdu, RPC_HEADER_LENGTH, type RpcPdu } from '../wire/codec.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';

/**
 * One direction of a TCP connection that carries DCE/RPC: segments in, whole PDUs out with the segment that completed
 * them.
 */
export class RpcStream {
  #nextSequence: number | undefined;
  #held: Uint8Array = new Uint8Array(0);
  /** Set when bytes are missing or are no RPC: nothing after it can be compared. */
  lost = false;

  push(packet: Packet): RpcPdu[] {
    if (!packet.tcp || this.lost || packet.payloadLength === 0) return [];
    this.#nextSequence ??= packet.tcp.sequence;
    if (packet.tcp.sequence !== this.#nextSequence || packet.payload.length < packet.payloadLength) {
      this.lost = true;
      return [];
    }
    this.#nextSequence = (packet.tcp.sequence + packet.payloadLength) >>> 0;
    this.#held = joinBytes([this.#held, packet.payload]);
    return this.#take();
  }

  #take(): RpcPdu[] {
    const pdus: RpcPdu[] = [];
    while (this.#held.length >= RPC_HEADER_LENGTH) {
      const header = decodeRpcHeader(this.#held);
      if (!isMalformed(header) && this.#held.length < header.fragmentLength) break;
      const pdu = decodeRpcPdu(this.#held);
      if (isMalformed(header) || isMalformed(pdu)) {
        this.lost = true;
        break;
      }
      pdus.push(pdu);
      this.#held = this.#held.subarray(header.fragmentLength);
    }
    return pdus;
  }
}
