import { TCP_FLAGS } from '../../../packet/layers.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { decodeNetbiosHeader, decodeSmbMessage, type SmbMessage } from '../wire/codec.ts';

/** More segments before their turn than any reordering explains: the one they wait for is not in the capture. */
const MAX_EARLY_SEGMENTS = 256;

/**
 * One direction of a TCP connection to port 445: segments in, whole SMB messages out with the segment that completed
 * them.
 */
export class SmbStream {
  #nextSequence: number | undefined;
  /** Segments that came before their turn, by sequence number. */
  readonly #early = new Map<number, Uint8Array>();
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Set when bytes are missing or are no SMB: nothing after it can be compared. */
  lost = false;

  push(packet: Packet): SmbMessage[] {
    if (!packet.tcp || this.lost) return [];
    if (packet.tcp.flags & TCP_FLAGS.syn) this.#nextSequence = (packet.tcp.sequence + 1) >>> 0;
    if (packet.payloadLength === 0) return [];
    if (packet.payload.length < packet.payloadLength || this.#early.size > MAX_EARLY_SEGMENTS) {
      this.lost = true;
      return [];
    }
    this.#nextSequence ??= packet.tcp.sequence;
    if (!this.#append(packet.tcp.sequence, packet.payload)) return [];
    this.#takeEarly();
    return this.#takeMessages();
  }

  /** Takes what is new of a segment; keeps one that is ahead of its turn for later and returns false. */
  #append(sequence: number, payload: Uint8Array): boolean {
    const ahead = (sequence - (this.#nextSequence ?? sequence)) | 0;
    if (ahead > 0) {
      this.#early.set(sequence, payload);
      return false;
    }
    const fresh = payload.subarray(-ahead); // nothing of a retransmission or of a keep-alive probe
    this.#nextSequence = (sequence - ahead + fresh.length) >>> 0;
    if (fresh.length > 0) this.#chunks.push(fresh);
    this.#length += fresh.length;
    return true;
  }

  /** Appends early segments whose turn has come, lowest first: each may be what the next one waits for. */
  #takeEarly(): void {
    const from = this.#nextSequence ?? 0;
    const waiting = [...this.#early].toSorted(([a], [b]) => ((a - from) | 0) - ((b - from) | 0));
    this.#early.clear();
    for (const [sequence, payload] of waiting) this.#append(sequence, payload);
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
