import type { Frame } from '../../../packet/frame.ts';
import type { TftpOption } from '../wire/message.ts';
import { BOOT_PROGRAM_HEADER_BYTES, bootProgramOf } from '../../base/wire/boot-program.ts';
import { optionNumber } from '../wire/options.ts';
import { MAX_REPORTS, type EventBody, type Stamp } from '../../base/observe/event-body.ts';
import type { Endpoint, TransferFigures } from '../../base/observe/seen.ts';
import type { TftpAnomaly, TftpSide } from './anomaly.ts';
import { ApprenticeWatch } from './apprentice-watch.ts';
import { BlockClock } from './block-clock.ts';
import { PercentileSketch } from '../../base/observe/percentile-sketch.ts';
import type { TftpEvent, TransferMeasured } from './events.ts';
import { DEFAULT_TERMS, termsOf } from './terms.ts';

/** Half of the 16-bit block numbers: of two blocks that are near each other, the one less than this ahead is later. */
const HALF = 0x8000;
/**
 * How far back a sender may go: two windows, or so many blocks. A number that lies further back is ahead, beyond blocks
 * that the capture does not hold, however many.
 */
const REACH = 64;
/** Microsoft's window is a byte and changes with each acknowledgement. */
const LARGEST_MSFTWINDOW = 255;
/** Repetitions without progress after which a transfer stands still: two may be the network's doing. */
const STANDSTILL = 3;

type Body = EventBody<TftpEvent, 'frame' | 'atUs' | 'client' | 'transfer' | 'server' | 'filename'>;

/** The request that a transfer began with. */
export interface TftpRequest {
  readonly client: string;
  readonly transfer: string;
  readonly filename: string;
  readonly mode: string;
  readonly options: readonly TftpOption[];
  /** The file goes to the client (RRQ) or to the server (WRQ). */
  readonly kind: 'read-request' | 'write-request';
}

/**
 * Meter of one transfer (RFC 1350, 2347, 7440): DATA and ACK cost arithmetic only, events report only what is out of
 * the ordinary.
 */
export class TftpTransfer {
  readonly request: TftpRequest;
  /** Where the server is: port 69 until its first reply names its transfer identifier (RFC 1350 section 4). */
  server: Endpoint;
  ended = false;
  readonly #emit: (event: TftpEvent) => void;
  readonly #sender: TftpSide;
  readonly #receiver: TftpSide;
  readonly #requestFrame: number;
  readonly #requestAtUs: number;
  #terms = DEFAULT_TERMS;
  #optionsAcknowledged = false;
  #expected = 1;
  #afterRollOver = 0;
  #blocks = 0;
  #bytes = 0;
  /** Number of the short block; -1 before it came. */
  #final = -1;
  #finalLength = 0;
  /** Blocks seen beyond a hole: first one after the hole and highest; -1 without a hole. */
  #beyondFrom = -1;
  #beyondTo = -1;
  #lastAck = 0;
  #acked = false;
  #nextWindow = 0;
  readonly #apprentice = new ApprenticeWatch();
  #retransmissions = 0;
  /** Blocks and acknowledgements that came again since the last block in order. */
  #repeats = 0;
  readonly #rtt = new PercentileSketch();
  #clock: BlockClock | undefined;
  #lastFrame: number;
  #lastAtUs: number;
  readonly #reports: Record<string, number> = {};
  readonly #told = new Set<string>();

  constructor(request: TftpRequest, server: Endpoint, frame: Frame, emit: (event: TftpEvent) => void) {
    this.request = request;
    this.server = server;
    this.#requestFrame = this.#lastFrame = frame.number;
    this.#requestAtUs = this.#lastAtUs = frame.atUs;
    this.#emit = emit;
    this.#sender = request.kind === 'read-request' ? 'server' : 'client';
    this.#receiver = request.kind === 'read-request' ? 'client' : 'server';
    this.requested(frame, false);
  }

  /** The request went over the wire, for the first time or again. */
  requested(frame: Frame, repeated: boolean): void {
    const { kind, mode, options } = this.request;
    if (repeated) this.#retransmissions += 1;
    this.#tell(frame, { type: `tftp.${kind}`, mode, options, repeated });
  }

  /** `cut`: the capture cut the packet, so that options are missing; they are taken to be those that were asked for. */
  optionAck(frame: Frame, options: readonly TftpOption[], cut = false): void {
    const repeated = this.#optionsAcknowledged;
    if (repeated) this.#retransmissions += 1;
    this.#report(frame, 'option-ack', { type: 'tftp.option-ack', options, repeated });
    // Once DATA has come an OACK is too late to change its size (RFC 2347).
    if (repeated || this.ended || this.#clock) return;
    this.#optionsAcknowledged = true;
    this.#terms = termsOf(cut ? [...options, ...this.#asked()] : options);
  }

  /** A DATA packet of `length` payload bytes, of which `bytes` were captured. */
  data(frame: Frame, by: TftpSide, block: number, length: number, bytes: Uint8Array): void {
    if (by !== this.#sender) {
      this.anomalyOnce(frame, { kind: 'wrong-side', op: 'data', by });
      return;
    }
    if (this.ended) {
      this.#repeatedData(frame, block);
      return;
    }
    if (!this.#clock) this.#first(frame, length, block === 1 ? bytes : undefined);
    this.#checkSize(frame, block, length);
    const ahead = (block - this.#expected) & 0xffff;
    if (ahead === 0) this.#accept(frame, block, length);
    else if (this.#rollsOverToOne(block)) this.#rollOverToOne(frame, length);
    else if (this.#wasBefore(this.#expected, block)) this.#repeatedData(frame, block);
    else this.#beyond(frame, block, length);
    this.#clock?.sent(block, frame.atUs);
    this.#apprentice.sent(block, frame.atUs);
    this.#checkWindow(frame, block);
  }

  /** An ACK; `nextWindow` is the fifth byte of Microsoft's variable window. */
  ack(frame: Frame, by: TftpSide, block: number, nextWindow: number | undefined): void {
    if (by !== this.#receiver) {
      this.anomalyOnce(frame, { kind: 'wrong-side', op: 'ack', by });
      return;
    }
    if ((nextWindow !== undefined) !== this.#terms.msftwindow && !this.ended) {
      this.anomalyOnce(frame, {
        kind: nextWindow === undefined ? 'window-byte-missing' : 'window-byte-unasked',
        block,
      });
    }
    this.#nextWindow = nextWindow ?? 0;
    const ahead = (block - this.#lastAck) & 0xffff;
    if ((ahead === 0 && this.#acked) || (ahead > 0 && this.#wasBefore(this.#lastAck, block)) || this.ended) {
      this.#apprentice.acknowledgedAgain(block);
      this.#retransmissions += 1;
      this.#standsStill(frame);
      this.#report(frame, 'retransmission', { type: 'tftp.retransmission', block, by });
      return;
    }
    this.#acked = true;
    this.#lastAck = block;
    this.#lastFrame = frame.number;
    this.#lastAtUs = frame.atUs;
    this.#clock?.acknowledged(block, frame.atUs, this.#rtt);
    if (ahead > 0) this.#catchUp(frame, block);
    if (block === this.#final) this.#complete(frame);
  }

  error(frame: Frame, by: TftpSide, code: number, message: string): void {
    const atRollOver = !this.ended && this.#isAtRollOver();
    this.#report(frame, 'error', { type: 'tftp.error', code, message, by, acknowledged: this.#lastAck, atRollOver });
    this.end();
  }

  /** Ends a transfer that came to no end of its own, and says how far it got. */
  unfinished(frame: Stamp, reason: string): void {
    if (this.ended) return;
    this.#tell(frame, {
      type: 'tftp.unfinished',
      reason,
      ...this.#measured(),
      ...(this.#final >= 0 ? { unacknowledged: this.#final } : {}),
    });
    this.end();
  }

  anomaly(frame: Frame, anomaly: TftpAnomaly): void {
    this.#report(frame, 'anomaly', { type: 'tftp.anomaly', anomaly });
  }

  /** An anomaly that would repeat itself with every packet: each kind once, and once for each operation. */
  anomalyOnce(frame: Frame, anomaly: TftpAnomaly): void {
    const kind = 'op' in anomaly ? `${anomaly.kind} ${anomaly.op}` : anomaly.kind;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.anomaly(frame, anomaly);
  }

  /** `beginning`: the first bytes of the file; undefined where the first block that was seen is another one. */
  #first(frame: Frame, length: number, beginning: Uint8Array | undefined): void {
    this.#clock = new BlockClock();
    const program = beginning && bootProgramOf(beginning.subarray(0, BOOT_PROGRAM_HEADER_BYTES));
    this.#tell(frame, { type: 'tftp.first-data', blockSize: length, ...(program && { program }) });
  }

  #accept(frame: Frame, block: number, length: number): void {
    if (this.#final >= 0 && this.#isAfterLast(block)) {
      this.#afterLast(frame, block);
      return;
    }
    // Where 1 follows 65535, the ACK before it is what 0 is elsewhere.
    if (block === 1 && this.#afterRollOver === 1 && this.#lastAck === 0xffff) this.#lastAck = 0;
    this.#lastFrame = frame.number;
    this.#lastAtUs = frame.atUs;
    this.#blocks += 1;
    this.#repeats = 0;
    this.#bytes += length;
    this.#expected = block === 0xffff ? this.#afterRollOver : block + 1;
    if (this.#beyondFrom >= 0) this.#closeHole(frame, block);
    if (length < this.#terms.blksize) this.#ends(frame, block, length);
  }

  /** A block that fills the hole, or that follows it and was seen before: the sender went back (RFC 7440 section 4). */
  #closeHole(frame: Frame, block: number): void {
    if (((block - this.#beyondFrom) & 0xffff) < HALF) this.#countRepeat(frame, block);
    if (block === this.#beyondTo) this.#beyondFrom = this.#beyondTo = -1;
  }

  #ends(frame: Frame, block: number, length: number): void {
    if (this.#final >= 0 && this.#final !== block)
      this.anomalyOnce(frame, { kind: 'two-last-blocks', block, last: this.#final });
    this.#final = block;
    this.#finalLength = length;
  }

  #isAfterLast(block: number): boolean {
    return block !== this.#final && ((block - this.#final) & 0xffff) < HALF;
  }

  #afterLast(frame: Frame, block: number): void {
    this.anomalyOnce(frame, {
      kind: 'data-after-last-block',
      block,
      last: this.#final,
      blksize: this.#terms.blksize,
    });
  }

  #beyond(frame: Frame, block: number, length: number): void {
    if (this.#final >= 0 && this.#isAfterLast(block)) {
      this.#afterLast(frame, block);
      return;
    }
    if (length < this.#terms.blksize) this.#ends(frame, block, length);
    const isNew = this.#beyondTo < 0 || (block !== this.#beyondTo && !this.#wasBefore(this.#beyondTo, block));
    if (!isNew) {
      this.#countRepeat(frame, block);
      return;
    }
    const follows = this.#beyondTo >= 0 && block === ((this.#beyondTo + 1) & 0xffff);
    if (!follows) this.#report(frame, 'gap', { type: 'tftp.gap', expectedBlock: this.#expected, block });
    if (this.#beyondFrom < 0) this.#beyondFrom = block;
    this.#beyondTo = block;
  }

  #repeatedData(frame: Frame, block: number): void {
    if (block === 0 && this.#blocks === 0 && !this.ended) {
      this.anomalyOnce(frame, { kind: 'block-zero-first' });
      return;
    }
    if (this.ended && this.#final >= 0 && this.#isAfterLast(block)) {
      this.#afterLast(frame, block);
      return;
    }
    this.#countRepeat(frame, block);
    const run = this.#apprentice.repeated(block, this.#expected, frame.atUs);
    if (run !== undefined && this.#terms.windowsize === 1 && !this.#terms.msftwindow)
      this.anomalyOnce(frame, { kind: 'blocks-sent-twice', ...run });
  }

  /** Whether a block or acknowledgement lies before `next`, so that it came again. The first block may be numbered 0. */
  #wasBefore(next: number, block: number): boolean {
    const back = (next - block) & 0xffff;
    const { windowsize, msftwindow } = this.#terms;
    const reach = Math.max(REACH, 2 * (msftwindow ? LARGEST_MSFTWINDOW : windowsize));
    return (back > 0 && back <= reach && back <= this.#blocks) || (block === 0 && this.#blocks === 0);
  }

  /**
   * A block or its acknowledgement comes again and again where the numbers of 16 bits begin anew: one side cannot go on.
   */
  #standsStill(frame: Frame): void {
    this.#repeats += 1;
    if (this.ended || this.#repeats < STANDSTILL || !this.#isAtRollOver()) return;
    // The number before the first one after 65535 is 65535 itself, whichever follows.
    const block = this.#expected === this.#afterRollOver ? 0xffff : this.#expected - 1;
    const by = this.#lastAck === block ? this.#sender : this.#receiver;
    this.anomalyOnce(frame, { kind: 'stalled-at-rollover', block, by });
  }

  /** Whether the last block in order was 65535, or the one after it. */
  #isAtRollOver(): boolean {
    const first = this.#afterRollOver;
    return this.#blocks >= 0xffff && (this.#expected === first || this.#expected === first + 1);
  }

  #countRepeat(frame: Frame, block: number): void {
    this.#retransmissions += 1;
    this.#standsStill(frame);
    this.#report(frame, 'retransmission', { type: 'tftp.retransmission', block, by: this.#sender });
  }

  // RFC 1350 does not say what follows block 65535. Most servers go on with 0, some with 1. Only lockstep shows it at
  // once: with a window, block 1 may just be ahead of a block 0 that was lost.
  #rollsOverToOne(block: number): boolean {
    return (
      block === 1 &&
      this.#expected === 0 &&
      this.#blocks >= 0xffff &&
      this.#terms.windowsize === 1 &&
      !this.#terms.msftwindow
    );
  }

  #rollOverToOne(frame: Frame, length: number): void {
    this.#afterRollOver = 1;
    this.anomaly(frame, { kind: 'rollover-to-one' });
    this.#accept(frame, 1, length);
  }

  /** The options that were asked for and say what the transfer works with: not tsize, which is a question. */
  #asked(): TftpOption[] {
    return this.request.options.filter(({ name }) => name === 'blksize' || name === 'windowsize');
  }

  #checkSize(frame: Frame, block: number, length: number): void {
    if (length <= this.#terms.blksize) return;
    this.anomalyOnce(frame, { kind: 'block-too-long', block, bytes: length, blksize: this.#terms.blksize });
    // A server that sends blocks as they were asked for has granted it: its OACK was not captured, or it sent none.
    const asked = termsOf(this.#asked());
    if (!this.#optionsAcknowledged && length <= asked.blksize) this.#terms = asked;
  }

  #checkWindow(frame: Frame, block: number): void {
    const limit = this.#terms.msftwindow ? this.#nextWindow : this.#terms.windowsize;
    const outstanding = (block - this.#lastAck) & 0xffff;
    if (limit > 0 && outstanding > limit && outstanding < HALF) {
      this.anomalyOnce(frame, { kind: 'window-exceeded', block, acknowledged: this.#lastAck, window: limit });
    }
  }

  /**
   * The receiver has more than came in order here: blocks that it had kept beyond a hole, or that the capture never
   * saw.
   */
  #catchUp(frame: Frame, block: number): void {
    const missing = (block - this.#expected + 1) & 0xffff;
    if (missing === 0 || this.#wasBefore(this.#expected, block)) return;
    const seen = this.#beyondTo >= 0 && ((this.#beyondTo - block) & 0xffff) < HALF;
    if (!seen) this.anomalyOnce(frame, { kind: 'ack-without-data', block, expected: this.#expected });
    this.#blocks += missing;
    this.#bytes +=
      missing * this.#terms.blksize - (block === this.#final ? this.#terms.blksize - this.#finalLength : 0);
    this.#expected = (block + 1) & 0xffff;
    if (!seen || block === this.#beyondTo) this.#beyondFrom = this.#beyondTo = -1;
  }

  #complete(frame: Frame): void {
    this.#tell(frame, { type: 'tftp.complete', ...this.#measured() });
    this.end();
  }

  #measured(): TransferMeasured {
    const { blksize, windowsize } = this.#terms;
    return { figures: this.#figures(), blocks: this.#blocks, blksize, windowsize, ...this.#tsize() };
  }

  /** The size that the side with the file announced: the server in its OACK, the client in its WRQ (RFC 2349). */
  #tsize(): { tsize?: number } {
    const tsize =
      this.#terms.tsize ??
      (this.request.kind === 'write-request' ? optionNumber(this.request.options, 'tsize') : undefined);
    return tsize === undefined ? {} : { tsize };
  }

  /** From the request to the last DATA in order or its ACK. */
  #figures(): TransferFigures {
    return {
      bytes: this.#bytes,
      durationUs: this.#lastAtUs - this.#requestAtUs,
      firstFrame: this.#requestFrame,
      lastFrame: this.#lastFrame,
      retransmissions: this.#retransmissions,
      rttUs: this.#rtt.rttUs(),
    };
  }

  end(): void {
    this.ended = true;
    this.#clock = undefined;
  }

  #report(frame: Frame, kind: string, body: Body): void {
    const count = (this.#reports[kind] = (this.#reports[kind] ?? 0) + 1);
    if (count <= MAX_REPORTS) this.#tell(frame, body);
  }

  #tell(frame: Stamp, body: Body): void {
    const { client, transfer, filename } = this.request;
    this.#emit({ ...body, frame: frame.number, atUs: frame.atUs, client, transfer, server: this.server, filename });
  }
}
