import type { Frame } from '../../../packet/frame.ts';
import { PendingSegments } from './pending-segments.ts';
import type { StreamControl, StreamReader } from './stream-reader.ts';

/** The most contiguous bytes a reader may ask for at once; a reader that wants more has misread a length. */
const MAX_NEED_BYTES = 1 << 20;
/**
 * Frames of the same connection that a hole may stay open after the receiver acknowledged beyond it: capture points
 * reorder a little.
 */
const LOST_AFTER_FRAMES = 8;
/**
 * Largest receive window, 65535 << 14 (RFC 7323 section 2.3), rounded up: what lies further ahead belongs to another
 * connection.
 */
const MAX_WINDOW = 2 ** 30;

/**
 * One direction of a TCP connection put back in order (RFC 9293 section 3.4): loss, reordering, overlap, sequence wrap,
 * a capture that starts late, segments of which only a part was kept. Knows no time and no other direction.
 */
export class TcpStream implements StreamControl {
  reader: StreamReader;
  /** Segments that repeated what was seen before; keep-alive probes (RFC 9293 section 3.8.4) do not count. */
  retransmissions = 0;
  /** Segments with new bytes that came after their turn: a later one, or its acknowledgement, was seen before. */
  late = 0;
  readonly #onLost: (bytes: number, frame: Frame) => void;
  readonly #pending = new PendingSegments();
  /**
   * Position of the next byte to deliver; -1 until a first segment said where the stream is. Equal to the wire's number
   * modulo 2^32.
   */
  #next = -1;
  #skip = 0;
  #skipIsBulk = false;
  /** The bulk range that was skipped last, so that a repeat of it is bulk too. */
  #bulkStart = 0;
  #bulkEnd = 0;
  #carry = new Uint8Array(0);
  #carried = 0;
  #acknowledged = -1;
  #framesSinceAcknowledged = 0;
  /** Whether its last new bytes came again. */
  #isRepeated = false;
  #end = -1;

  constructor(reader: StreamReader, onLost: (bytes: number, frame: Frame) => void) {
    this.reader = reader;
    this.#onLost = onLost;
  }

  /** True after a first segment or a SYN has shown where the stream begins. */
  get started(): boolean {
    return this.#next >= 0;
  }

  /** True when the FIN and everything before it have been delivered. */
  get ended(): boolean {
    return this.#end >= 0 && this.#next >= this.#end;
  }

  /**
   * Whether the receiver acknowledged bytes that have not been seen. One more than were seen is its acknowledgement of a
   * FIN that has not.
   */
  get isMissing(): boolean {
    return this.#acknowledged > this.#next + (this.#end >= 0 || this.#pending.first ? 0 : 1);
  }

  /** Whether bytes were neither acknowledged nor sent again. */
  get isUnanswered(): boolean {
    return this.#next >= 0 && this.#next > this.#acknowledged && !this.#isRepeated;
  }

  /** Where the next byte to be read stands in the stream. */
  get position(): number {
    return this.#next;
  }

  /** How far the stream has come as far as anybody has seen: behind a hole, too. */
  get reach(): number {
    return Math.max(this.#next, this.#acknowledged, this.#pending.last?.end ?? 0);
  }

  get skipping(): number {
    return this.#skip;
  }

  /** Bytes held for holes and unfinished messages, for tests of memory use. */
  get heldBytes(): number {
    return this.#pending.heldBytes + this.#carry.length;
  }

  /** Says where the stream begins: the sequence number after the SYN. */
  start(sequence: number): void {
    this.#next = sequence >>> 0;
  }

  /** The FIN stands at this sequence number, after the last byte. */
  finish(sequence: number): void {
    this.#end = this.#positionOf(sequence);
  }

  skip(bytes: number, bulk: boolean): void {
    this.#skip += bytes;
    this.#skipIsBulk = bulk;
  }

  /**
   * Takes one segment: `length` bytes on the wire at `offset` of the frame, of which the frame may hold less.
   * Returns true when all of it was bulk, so that the evidence need not keep it.
   */
  segment(sequence: number, frame: Frame, offset: number, length: number): boolean {
    if (this.#next < 0) this.#next = sequence;
    const start = this.#positionOf(sequence);
    const end = start + length;
    if (end <= this.#next) {
      if (length > 1 || end !== this.#next) this.retransmissions += 1;
      if (length > 0) this.#isRepeated = true;
      return start >= this.#bulkStart && end <= this.#bulkEnd;
    }
    if (start - this.#next > MAX_WINDOW) return false;
    if (start > this.#next) return this.#ahead(start, end, frame, offset);
    if (this.#pending.first || end <= this.#acknowledged) this.late += 1;
    this.#isRepeated = false;
    const old = this.#next - start;
    const bulk = old === 0 && this.#skipIsBulk && length <= this.#skip;
    this.#deliver(frame.bytes, offset + old, length - old, frame);
    if (this.#pending.first) this.#drain(frame);
    return bulk;
  }

  /** The receiver acknowledged everything before this sequence number. */
  acknowledge(sequence: number, frame: Frame): void {
    if (this.#next < 0) return;
    const position = this.#positionOf(sequence);
    // The FIN takes a sequence number of its own, which is no byte of the stream.
    const bytesEnd = this.#end >= 0 ? Math.min(position, this.#end) : position;
    if (bytesEnd > this.#acknowledged && bytesEnd - this.#next <= MAX_WINDOW) this.#acknowledged = bytesEnd;
    this.#framesSinceAcknowledged = this.#acknowledged > this.#next ? this.#framesSinceAcknowledged + 1 : 0;
    if (this.#framesSinceAcknowledged > LOST_AFTER_FRAMES) this.#giveUpHole(frame);
  }

  /**
   * No more segments will come: goes past holes that the receiver acknowledged, because there the capture failed and
   * not the network.
   */
  flush(frame: Frame): void {
    while (this.isMissing) this.#giveUpHole(frame);
  }

  #positionOf(sequence: number): number {
    return this.#next < 0 ? sequence : this.#next + ((sequence - this.#next) | 0);
  }

  #ahead(start: number, end: number, frame: Frame, offset: number): boolean {
    const unread = end <= this.#next + this.#skip;
    const bytes = unread ? undefined : frame.bytes.subarray(offset, offset + end - start);
    if (!this.#pending.add(start, end, bytes)) this.retransmissions += 1;
    while (this.#pending.full) this.#giveUpHole(frame);
    return unread && this.#skipIsBulk;
  }

  #giveUpHole(frame: Frame): void {
    const resume = this.#pending.first?.start ?? this.#acknowledged;
    const missing = resume - this.#next;
    this.#framesSinceAcknowledged = 0;
    if (missing <= 0) return;
    this.#onLost(missing, frame);
    this.#pass(missing, frame);
    this.#drain(frame);
  }

  #drain(frame: Frame): void {
    for (let range = this.#pending.first; range && range.start <= this.#next; range = this.#pending.first) {
      this.#pending.shift();
      const old = this.#next - range.start;
      if (range.end > this.#next) this.#deliver(range.bytes ?? NOTHING, old, range.end - this.#next, frame);
    }
  }

  /** Hands `length` bytes of the stream on; `source` holds them from `offset`, as far as it reaches. */
  #deliver(source: Uint8Array, offset: number, length: number, frame: Frame): void {
    let at = offset;
    const end = offset + length;
    while (at < end) {
      if (this.#skip > 0) {
        at += this.#skipSome(end - at, frame);
        continue;
      }
      const held = Math.min(end, source.length) - at;
      if (held <= 0) {
        this.#pass(end - at, frame);
        return;
      }
      const taken =
        this.#carried > 0 ? this.#readCarried(source, at, held, frame) : this.#readDirect(source, at, held, frame);
      at += taken;
      this.#next += taken;
    }
  }

  #skipSome(available: number, frame: Frame): number {
    const bytes = Math.min(this.#skip, available);
    if (this.#skipIsBulk && this.#bulkEnd !== this.#next) this.#bulkStart = this.#next;
    this.#skip -= bytes;
    this.#next += bytes;
    if (this.#skipIsBulk) this.#bulkEnd = this.#next;
    if (this.#skip === 0) this.reader.skipped(frame);
    return bytes;
  }

  /** Goes past missing bytes: those that a skip covers are no loss to the reader, the rest are. */
  #pass(bytes: number, frame: Frame): void {
    let missing = bytes;
    while (missing > 0 && this.#skip > 0) missing -= this.#skipSome(missing, frame);
    if (missing === 0) return;
    const unread = missing + this.#carried;
    this.#carried = 0;
    this.#next += missing;
    this.reader.lost(unread, frame);
  }

  /** Reads straight from the frame; returns the bytes taken, whether read or put aside. */
  #readDirect(source: Uint8Array, at: number, held: number, frame: Frame): number {
    if (held < this.#need()) {
      this.#putAside(source, at, held);
      return held;
    }
    const { reader } = this;
    const taken = reader.read(source.subarray(at, at + held), frame);
    if (taken > 0 || this.reader !== reader || this.#skip > 0 || this.#need() > held) return taken;
    // The reader changed nothing and would be asked again without end: bytes that it cannot take are lost to it.
    reader.lost(held, frame);
    return held;
  }

  /** Completes what was put aside with just as many bytes as the reader needs, and reads that. */
  #readCarried(source: Uint8Array, at: number, held: number, frame: Frame): number {
    const wanted = Math.min(Math.max(this.#need() - this.#carried, 0), held);
    this.#putAside(source, at, wanted);
    while (this.#carried > 0) {
      let taken: number;
      if (this.#skip > 0) {
        taken = Math.min(this.#skip, this.#carried);
        this.#skip -= taken;
        if (this.#skip === 0) this.reader.skipped(frame);
      } else {
        const { reader } = this;
        if (this.#carried < this.#need()) break;
        taken = reader.read(this.#carry.subarray(0, this.#carried), frame);
        if (taken === 0 && this.reader === reader && this.#skip === 0 && this.#carried >= this.#need()) {
          taken = this.#carried;
          reader.lost(taken, frame);
        }
      }
      this.#carry.copyWithin(0, taken, this.#carried);
      this.#carried -= taken;
    }
    return wanted;
  }

  #need(): number {
    return Math.min(this.reader.need, MAX_NEED_BYTES);
  }

  #putAside(source: Uint8Array, at: number, length: number): void {
    const size = this.#carried + length;
    if (size > this.#carry.length) {
      const grown = new Uint8Array(Math.max(size, this.#carry.length * 2, 256));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(source.subarray(at, at + length), this.#carried);
    this.#carried = size;
  }
}

const NOTHING = new Uint8Array(0);
