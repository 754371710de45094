import { cpus } from 'node:os';

/** A boot wants now more and now less: over this time the average says something, and it is still of now. */
const WINDOW_MS = 4000;
const LOOK_MS = 1000;

/** What a host's processors have been doing. */
export interface IdleCores extends Disposable {
  /** Cores that nobody wanted in the last seconds, on average; undefined before enough was seen. */
  readonly now: () => number | undefined;
}

/** One look: idle time of all processors since the host started, and when it was read. */
export interface IdleSample {
  readonly idleMs: number;
  readonly atMs: number;
}

/** Watches the host's processors until it is disposed. Other work on the host counts, that of another run among it. */
export function watchIdleCores(sample: () => IdleSample = readIdle): IdleCores {
  const samples: IdleSample[] = [sample()];
  const timer = setInterval(() => {
    samples.push(sample());
    while (samples.length > WINDOW_MS / LOOK_MS + 1) samples.shift();
  }, LOOK_MS);
  timer.unref();
  return {
    now: () => idleCores(samples),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/**
 * Idle time over the time between the first sample and the last one. Undefined where they are too close to each other, and on a host that does
 * not count: some sandboxes say that no processor was ever idle.
 */
export function idleCores(samples: readonly IdleSample[]): number | undefined {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last || last.idleMs === 0 || last.atMs - first.atMs < LOOK_MS / 2) return undefined;
  return Math.max(0, (last.idleMs - first.idleMs) / (last.atMs - first.atMs));
}

function readIdle(): IdleSample {
  return { idleMs: cpus().reduce((sum, { times }) => sum + times.idle, 0), atMs: performance.now() };
}
