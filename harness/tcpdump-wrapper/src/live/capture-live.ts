import { TcpdumpProcess } from './tcpdump-process.ts';
import type { CapturedFrame, CaptureSource } from '../captured-frame.ts';
import { drainKernelBuffer } from './drain.ts';
import { CaptureStartError, type CaptureDiedError } from './live-errors.ts';
import { tcpdumpArgs, type TcpdumpSpec } from './tcpdump-args.ts';
import type { CaptureCounters } from './tcpdump-stderr.ts';

/** What to capture, and how long its steps may take. */
export interface LiveCaptureOptions extends TcpdumpSpec {
  /** Longest time until tcpdump listens. */
  readonly startDeadlineMs: number;
  /** Longest time that stop() may take to fetch what the kernel holds, and again for tcpdump to end. Default 5 000. */
  readonly stopDeadlineMs?: number;
}

/** How a live capture ended. */
export type CaptureEnd =
  | {
      readonly reason: 'stopped';
      readonly counters: CaptureCounters;
      /** Frames that the kernel still held when the deadline of stop() passed. */
      readonly undrained: number;
    }
  | { readonly reason: 'died'; readonly error: CaptureDiedError };

/** A capture that runs. */
export interface LiveCapture extends CaptureSource {
  readonly argv: readonly string[];
  readonly pid: number;
  /** Resolves when the capture has ended, at once when tcpdump dies; never rejects. */
  readonly ended: Promise<CaptureEnd>;
  /** Asks tcpdump for its counters while it runs. */
  counters(): Promise<CaptureCounters>;
  /**
   * Ends the capture. Every frame that the kernel had taken before this call is delivered by batches() first. Rejects
   * with CaptureDiedError when tcpdump had died or would not end.
   */
  stop(): Promise<CaptureCounters>;
}

/**
 * Starts tcpdump and resolves when it listens: its socket and filter are in place (the "listening on" line on standard
 * error) and the header of the capture has arrived. Rejects with CaptureStartError.
 */
export async function captureLive(options: LiveCaptureOptions): Promise<LiveCapture> {
  const tcpdump = new TcpdumpProcess(tcpdumpArgs(options));
  await tcpdump.listening(options.startDeadlineMs);
  const { pid, linkType } = tcpdump;
  if (pid === undefined || linkType === undefined)
    throw new CaptureStartError('it listens but has no pid or link type', tcpdump.argv, tcpdump.stderr);
  return new RunningCapture(tcpdump, {
    pid,
    linkType,
    stopDeadlineMs: options.stopDeadlineMs ?? 5000,
    immediate: options.immediate ?? true,
  });
}

class RunningCapture implements LiveCapture {
  readonly #tcpdump: TcpdumpProcess;
  readonly #stopDeadlineMs: number;
  readonly #immediate: boolean;
  readonly pid: number;
  readonly linkType: number;
  readonly ended: Promise<CaptureEnd>;
  #stopping: Promise<CaptureCounters> | undefined;
  #undrained = 0;
  #dropped: number | undefined;

  constructor(
    tcpdump: TcpdumpProcess,
    facts: { pid: number; linkType: number; stopDeadlineMs: number; immediate: boolean },
  ) {
    this.#tcpdump = tcpdump;
    this.#stopDeadlineMs = facts.stopDeadlineMs;
    this.#immediate = facts.immediate;
    this.pid = facts.pid;
    this.linkType = facts.linkType;
    this.ended = this.#watch();
  }

  get argv(): readonly string[] {
    return this.#tcpdump.argv;
  }

  get dropped(): number | undefined {
    return this.#dropped;
  }

  get truncated(): CaptureSource['truncated'] {
    return this.#tcpdump.truncated;
  }

  batches(): AsyncIterable<CapturedFrame[]> {
    return this.#tcpdump.queue.batches();
  }

  counters(): Promise<CaptureCounters> {
    return this.#tcpdump.askCounters(this.#stopDeadlineMs);
  }

  stop(): Promise<CaptureCounters> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async close(): Promise<void> {
    // A capture that died has said so in batches() and `ended`; releasing it is no second failure.
    await this.stop().catch(() => undefined);
  }

  async #watch(): Promise<CaptureEnd> {
    const error = await this.#tcpdump.finished;
    const counters = this.#tcpdump.lastCounters;
    this.#dropped = counters?.dropped;
    if (error !== undefined) return { reason: 'died', error };
    if (counters === undefined)
      return { reason: 'died', error: this.#tcpdump.died('it reported no counters at its end') };
    return { reason: 'stopped', counters, undrained: this.#undrained };
  }

  async #stop(): Promise<CaptureCounters> {
    if (!this.#tcpdump.hasEnded) {
      this.#tcpdump.readWithoutLimit();
      this.#undrained = await drainKernelBuffer(this.#tcpdump, {
        pid: this.pid,
        immediate: this.#immediate,
        deadlineMs: this.#stopDeadlineMs,
      });
      await this.#tcpdump.terminate(this.#stopDeadlineMs);
    }
    const end = await this.ended;
    if (end.reason === 'died') throw end.error;
    return end.counters;
  }
}
