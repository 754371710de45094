/** tcpdump's own counters. */
export interface CaptureCounters {
  /** Frames that tcpdump wrote. */
  readonly captured: number;
  /** Frames that passed the filter in the kernel, lost ones included. */
  readonly received: number;
  /** Frames that found no room in the kernel's buffer. */
  readonly dropped: number;
  /** Frames that the network interface itself lost, where it says so. */
  readonly droppedByInterface: number;
}

const LISTENING = /listening on [^,]+, link-type (\S+)/;
const COUNTER = /(\d+) packets? (captured|received by filter|dropped by kernel|dropped by interface)/g;

/** True for the line that tcpdump prints once its socket and filter are in place. */
export function isListeningLine(line: string): boolean {
  return LISTENING.test(line);
}

/** Gathers counters from standard error: one line after SIGUSR1, one line each at the end (info() in tcpdump.c). */
export class CounterReader {
  #partial: Partial<Record<string, number>> = {};

  /**
   * Complete counters as soon as a line ends a set, else undefined. "dropped by kernel" comes last but for the
   * interface's own.
   */
  read(line: string): CaptureCounters | undefined {
    const found = [...line.matchAll(COUNTER)];
    if (found.length === 0) return undefined;
    for (const [, count, name] of found) this.#partial[name ?? ''] = Number(count);
    const {
      captured,
      'received by filter': received,
      'dropped by kernel': dropped,
      'dropped by interface': droppedByInterface = 0,
    } = this.#partial;
    if (captured === undefined || received === undefined || dropped === undefined) return undefined;
    // The interface's line may follow a set of single lines; a new set begins with "captured".
    if (found.length > 1) this.#partial = {};
    return { captured, received, dropped, droppedByInterface };
  }
}
