import { encodeTftp } from '../../../harness/protocols/tftp/wire/codec.ts';
import { DataBlocks } from './blocks.ts';
import type { Source } from './netascii.ts';
import { RetransmissionTimer } from './timer.ts';
import type { TftpMisbehaviour } from './config.ts';
import type { Terms } from './negotiation.ts';

/**
 * How a transfer ended. `probed`: the client only wanted the size (harness/docs/protocols.md 2.2), which is no failure.
 */
export type Outcome = 'complete' | 'probed' | 'aborted' | 'gave-up' | 'failed' | 'stopped';

export interface TransferOptions {
  readonly source: Source;
  readonly terms: Terms;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxWindowsize: number;
  readonly misbehave: TftpMisbehaviour;
  /** A fault has come about. */
  readonly misbehaved: (how: keyof TftpMisbehaviour) => void;
  /** Hands a packet to the network. */
  readonly send: (packet: Uint8Array) => void;
  /** Milliseconds of the clock that `nowMs` arguments come from. */
  readonly now: () => number;
  /** Runs something after other clients had their turn. */
  readonly later: (run: () => void) => void;
  readonly ended: (outcome: Outcome, message?: string) => void;
}

// Blocks sent in one go; then other clients have their turn and the socket's buffer drains (212992 bytes by default on
// Linux).
const BURST = 16;

/** The sending side of one read transfer (RFC 1350, 2347, 7440). Knows no socket; time is handed in. */
export class Transfer {
  /** When `expire` is due, on the caller's clock. */
  deadlineMs = 0;
  retransmissions = 0;
  readonly blocks: DataBlocks;
  readonly #options: TransferOptions;
  readonly #timer: RetransmissionTimer;
  readonly #oack: Uint8Array | undefined;
  readonly #lost: Set<number>;
  readonly #doubled: Set<number>;
  readonly #stallAfter: number;
  readonly #errorAfter: number;
  /** Last block that the client acknowledged; -1 while the OACK waits for its ACK 0. */
  #acked: number;
  /** Last block sent of the window. */
  #sent = 0;
  #window: number;
  #retries = 0;
  #sentAtMs = 0;
  #resent = false;
  #restartedAtMs = 0;
  #waiting = false;
  #ended = false;

  constructor(options: TransferOptions) {
    const { terms, misbehave } = options;
    this.#options = options;
    this.#window = terms.windowsize;
    this.#timer = new RetransmissionTimer(options.timeoutMs, terms.timeoutMs);
    this.blocks = new DataBlocks(
      options.source,
      terms.blksize,
      Math.min(Math.max(terms.variableWindow ? BURST : terms.windowsize, 1), BURST) + 1,
    );
    this.#oack =
      terms.oack.length > 0 ? encodeTftp({ kind: 'tftp', op: 'option-ack', options: terms.oack }) : undefined;
    this.#acked = this.#oack ? -1 : 0;
    this.#lost = new Set(misbehave['drop-block']);
    this.#doubled = new Set(misbehave['duplicate-block']);
    this.#stallAfter = misbehave['stall-after-block'] ?? Infinity;
    this.#errorAfter = misbehave['error-after-block'] ?? Infinity;
  }

  /** Whether the client has acknowledged nothing yet: a repeated request is then a resend, not a new one. */
  get fresh(): boolean {
    return this.#acked <= 0;
  }

  /** Last block that the client acknowledged. */
  get acked(): number {
    return Math.max(this.#acked, 0);
  }

  /** Sends the OACK, or the first window without one. */
  start(nowMs: number): void {
    if (this.#oack) {
      this.#sentAtMs = nowMs;
      this.#options.send(this.#oack);
      this.#arm(nowMs);
      this.blocks.packet(1); // built while the client thinks
    } else this.#pump(nowMs);
  }

  /** The client acknowledged `block` (as on the wire, 16 bits); `nextWindow` is msftwindow's fifth byte. */
  acknowledge(block: number, nextWindow: number | undefined, nowMs: number): void {
    if (this.#ended) return;
    if (nextWindow !== undefined && this.#options.terms.variableWindow)
      this.#window = Math.min(Math.max(nextWindow, 1), this.#options.maxWindowsize);
    if (this.#acked < 0) {
      if (block !== 0) return;
      this.#acked = 0;
    } else {
      const ahead = this.#sent - this.#acked;
      const advance = (block - this.#acked) & 0xffff;
      if (advance > ahead) return; // of an earlier window, or of a block that was never sent
      if (advance === 0) {
        this.#repeated(ahead, nowMs);
        return;
      }
      this.#acked += advance;
      // RFC 7440 section 4: an acknowledgement inside the window says that what follows it was lost.
      if (advance < ahead) this.#restart(nowMs);
    }
    if (!this.#resent) this.#timer.measured(nowMs - this.#sentAtMs);
    this.#timer.advanced();
    this.#resent = false;
    this.#retries = 0;
    if (this.#acked === this.blocks.last) this.#end('complete');
    else if (this.#acked >= this.#errorAfter) {
      this.#options.misbehaved('error-after-block');
      this.fail('configured to fail', `after block ${this.#errorAfter}`);
    } else this.#pump(nowMs);
  }

  /** The client sent ERROR. Nothing answers it (RFC 1350 section 7). */
  clientError(code: number, message: string): void {
    // Codes 0 and 8 right after the OACK of a size request: iPXE's and the reference trace's ROM send 0, EDK2 sends 8.
    const probe = this.#acked < 0 && (code === 0 || code === 8);
    this.#end(probe ? 'probed' : 'aborted', `ERROR ${code} from the client: ${message}`);
  }

  /** Nothing came until the deadline. */
  expire(nowMs: number): void {
    if (this.#ended) return;
    if (this.#waiting) {
      this.#arm(nowMs); // the disk is slow, not the client
      return;
    }
    if (++this.#retries > this.#options.retries) {
      this.#end(
        'gave-up',
        `no acknowledgement of block ${Math.max(this.#sent, 0)} after ${this.#options.retries} resends`,
      );
      return;
    }
    this.#timer.expired();
    this.resend(nowMs);
  }

  /** Sends again what is not acknowledged. */
  resend(nowMs: number): void {
    this.#resent = true;
    if (this.#acked >= 0) {
      this.#restart(nowMs);
      this.#pump(nowMs);
    } else if (this.#oack) {
      this.retransmissions++;
      this.#options.send(this.#oack);
      this.#arm(nowMs);
    }
  }

  /** Ends the transfer with an ERROR to the client. */
  fail(reason: string, where: string): void {
    if (this.#ended) return;
    this.#options.send(encodeTftp({ kind: 'tftp', op: 'error', code: 0, message: `${reason} ${where}` }));
    this.#end('failed', `${reason} ${where}`);
  }

  /** Ends the transfer without sending anything. */
  stop(): void {
    this.#end('stopped');
  }

  // A repeated acknowledgement. With one block a window it is never answered, or every later block would go twice
  // (Sorcerer's Apprentice, RFC 1123 section 4.2.3.1). With more, it says that the window's first block was lost: that
  // is sent again, but only once in a round trip, because the receiver repeats the acknowledgement for every block
  // after the gap.
  #repeated(ahead: number, nowMs: number): void {
    if (this.#window === 1 || ahead === 0 || nowMs - this.#restartedAtMs <= this.#timer.roundTripMs) return;
    this.#restart(nowMs);
    this.#resent = true;
    this.#pump(nowMs);
  }

  #restart(nowMs: number): void {
    this.retransmissions += this.#sent - this.#acked;
    this.#sent = this.#acked;
    this.#restartedAtMs = nowMs;
  }

  #pump(nowMs: number): void {
    if (this.#ended || this.#waiting) return;
    const { send, misbehaved } = this.#options;
    const end = Math.min(this.#acked + this.#window, this.blocks.last);
    this.#sentAtMs = nowMs;
    for (let burst = 0; this.#sent < end && this.#acked < this.#stallAfter; burst++) {
      if (burst === BURST) {
        this.#options.later(() => this.#pump(this.#options.now()));
        break;
      }
      const block = this.#sent + 1;
      const packet = this.blocks.packet(block);
      if (!packet) {
        this.#load(block);
        break;
      }
      this.#sent = block;
      if (this.#lost.delete(block)) {
        misbehaved('drop-block');
        continue;
      }
      send(packet);
      if (!this.#doubled.delete(block)) continue;
      misbehaved('duplicate-block');
      send(packet);
    }
    if (this.#acked >= this.#stallAfter && this.#sent < end) misbehaved('stall-after-block');
    this.#arm(nowMs);
    // The next block is built while this one travels.
    if (this.#sent === end && this.#sent < this.blocks.last) this.blocks.packet(this.#sent + 1);
  }

  #load(block: number): void {
    this.#waiting = true;
    const loaded = (): void => {
      this.#waiting = false;
      this.#pump(this.#options.now());
    };
    this.blocks.load(block).then(loaded, (error: unknown) => {
      this.#waiting = false;
      this.fail('reading the file:', error instanceof Error ? error.message : String(error));
    });
  }

  #arm(nowMs: number): void {
    this.deadlineMs = nowMs + this.#timer.waitMs;
  }

  #end(outcome: Outcome, message?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.ended(outcome, message);
  }
}
