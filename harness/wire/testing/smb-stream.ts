import { isMalformed } from '../malformed.ts';
import type { Packet } from '../packet.ts';
import { decodeNetbiosHeader, decodeSmbMessage, type SmbMessage } from '../smb2.ts';

/** One direction of a TCP connection to port 445: segments in, whole SMB messages out with the segment that completed them. */
export class SmbStream {
  #nextSequence: number | undefined;
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Set when bytes are missing or are no SMB: nothing behind it can be compared. */
  lost = false;

  push(packet: Packet): SmbMessage[] {
    if (!packet.tcp || this.lost) return [];
    if (packet.tcp.syn) this.#nextSequence = (packet.tcp.sequence + 1) >>> 0;
    if (packet.payloadLength === 0) return [];
    this.#nextSequence ??= packet.tcp.sequence;
    const ahead = (packet.tcp.sequence - this.#nextSequence) | 0;
    if (ahead < 0) return []; // a retransmission, or a keep-alive probe
    if (ahead > 0 || packet.payload.length < packet.payloadLength) {
      this.lost = true;
      return [];
    }
    this.#nextSequence = (this.#nextSequence + packet.payloadLength) >>> 0;
    this.#chunks.push(packet.payload);
    this.#length += packet.payload.length;
    return this.#takeMessages();
  }

  #takeMessages(): SmbMessage[] {
    const messages: SmbMessage[] = [];
    for (;;) {
      const needed = this.#needed();
      if (this.lost || this.#length < needed) return messages;
      const all = Buffer.concat(this.#chunks);
      const decoded = decodeSmbMessage(all.subarray(4, needed));
      if (isMalformed(decoded)) this.lost = true;
      else messages.push(...decoded);
      this.#chunks = [all.subarray(needed)];
      this.#length -= needed;
    }
  }

  /** Bytes that the message at the front needs, framing included. Bulk is joined only once it is complete. */
  #needed(): number {
    if (this.#length < 4) return 4;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    const framing = decodeNetbiosHeader(this.#chunks[0] ?? new Uint8Array(0));
    if (!isMalformed(framing)) return 4 + framing.length;
    this.lost = true;
    return Infinity;
  }
}
