import type { ResticAsked } from './events.ts';

/** Stores remembered of one client. */
const MAX_STORES = 256;

/** A run of restic as far as it has opened its store. */
interface Run {
  readonly id: number;
  /** It has asked for nothing but the configuration, and was told nothing of it. */
  isUnanswered: boolean;
  /** It began before the capture. */
  readonly isLate: boolean;
}

/**
 * The runs of restic of one client. Nothing on the wire names one, but each process has connections of its own, and the
 * first request of its first connection is for the configuration: another first request is that of a further connection
 * of the run that began last. A connection that is older than the capture is of a run that is, too.
 */
export class ResticRuns {
  /** The latest run, by store. */
  readonly #latest = new Map<string, Run>();

  /** The run of a connection, by its first request. `frame`: that of the request; `fromStart`: of the connection. */
  of(store: string, { action, kind }: ResticAsked, frame: number, fromStart: boolean): number {
    const latest = this.#latest.get(store);
    const isBegin = action === 'stat' && kind === 'config';
    if (latest && (isBegin ? latest.isUnanswered : fromStart || latest.isLate)) {
      latest.isUnanswered &&= isBegin;
      return latest.id;
    }
    if (this.#latest.size >= MAX_STORES) this.#latest.clear();
    this.#latest.set(store, { id: frame, isUnanswered: isBegin, isLate: !isBegin });
    return frame;
  }

  /** The server answered something of this run. */
  answered(store: string, id: number): void {
    const latest = this.#latest.get(store);
    if (latest?.id === id) latest.isUnanswered = false;
  }
}
