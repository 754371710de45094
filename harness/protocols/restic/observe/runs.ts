import type { ResticAsked } from './events.ts';

/** Stores remembered of one client. */
const MAX_STORES = 256;
/** Runs remembered of one store: a client has few at the same time. */
const MAX_RUNS = 16;

/** A run of restic as far as it has opened its store. */
interface Run {
  readonly id: number;
  /** It has asked for nothing but the configuration, and was told nothing of it. */
  isUnanswered: boolean;
  /** It makes a repository, and looks once more whether there is one. */
  isMaking: boolean;
  /** It began before the capture. */
  readonly isLate: boolean;
  connections: number;
  /** Its own, which it has not given back. */
  readonly locks: Set<string>;
}

/**
 * The runs of restic of one client. Nothing on the wire names one, but each process has connections of its own, and the
 * first request of its first connection is for the configuration: another first request is that of a further connection
 * of a run that is at work. A connection that is older than the capture is of a run that is, too.
 */
export class ResticRuns {
  /** The latest runs first, by store. */
  readonly #runs = new Map<string, readonly Run[]>();

  /** The run of a connection, by its first request. `frame`: that of the request; `fromStart`: of the connection. */
  of(store: string, asked: ResticAsked, frame: number, fromStart: boolean): number {
    const runs = this.#runs.get(store) ?? [];
    const isBegin = asked.action === 'stat' && asked.kind === 'config';
    const known = isBegin
      ? runs.slice(0, 1).find((run) => run.isUnanswered || run.isMaking)
      : ownerOf(runs, asked, fromStart);
    const run = known ?? this.#begin(store, runs, { id: frame, isUnanswered: isBegin, isLate: !isBegin });
    run.isUnanswered &&= isBegin;
    run.connections += 1;
    return run.id;
  }

  /** The server answered something of this run. */
  answered(store: string, id: number, { action, kind, id: object = '' }: ResticAsked, status: number): void {
    const run = this.#find(store, id);
    // A store that is out of order is asked again, over another connection if it ends this one.
    if (!run || status >= 500) return;
    run.isUnanswered = false;
    if (action === 'create') run.isMaking = status < 300;
    if (action === 'save' && kind === 'config') run.isMaking = false;
    if (kind !== 'locks' || status >= 300) return;
    if (action === 'save') run.locks.add(object);
    if (action === 'remove') run.locks.delete(object);
  }

  /** A connection of this run ended. */
  disconnected(store: string, id: number): void {
    const run = this.#find(store, id);
    if (run) run.connections -= 1;
  }

  #find(store: string, id: number): Run | undefined {
    return this.#runs.get(store)?.find((run) => run.id === id);
  }

  #begin(store: string, runs: readonly Run[], begun: Pick<Run, 'id' | 'isUnanswered' | 'isLate'>): Run {
    if (this.#runs.size >= MAX_STORES) this.#runs.clear();
    const run: Run = { ...begun, isMaking: false, connections: 0, locks: new Set() };
    this.#runs.set(store, [run, ...runs].slice(0, MAX_RUNS));
    return run;
  }
}

/** Whose further connection it is: a run opens several when it has placed its lock, and none when it is over. */
function ownerOf(runs: readonly Run[], { action, kind }: ResticAsked, fromStart: boolean): Run | undefined {
  const possible = fromStart ? runs : runs.filter(({ isLate }) => isLate);
  const isOpening = kind === 'keys' || kind === 'config' || (kind === 'locks' && action === 'list');
  if (isOpening) return possible[0];
  return (
    possible.find((run) => hasLock(run) && isConnected(run)) ??
    possible.find(isConnected) ??
    possible.find(hasLock) ??
    possible[0]
  );
}

// The lock of a run that began before the capture is not seen.
const hasLock = ({ locks, isLate }: Run): boolean => isLate || locks.size > 0;
const isConnected = ({ connections }: Run): boolean => connections > 0;
