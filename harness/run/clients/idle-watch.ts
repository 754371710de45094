import { STANDSTILL_MS } from '../standstill-watch.ts';

/** How often a client is looked at: a small part of the shortest idle time. */
const LOOK_MS = 500;

/** When something moved last, by a count of all that moves. */
export interface IdleWatch {
  /** Whether the count has stood still for the whole idle time. */
  isIdle(count: number, nowMs: number): boolean;
}

/** A watch that begins now. */
export function createIdleWatch(idleMs: number, nowMs: number): IdleWatch {
  let seen = 0;
  let movedAtMs = nowMs;
  return {
    isIdle(count, atMs) {
      if (count !== seen) [seen, movedAtMs] = [count, atMs];
      return atMs - movedAtMs >= idleMs;
    },
  };
}

/**
 * Resolves once `count` has stood still for `idleMs`, and rejects with what `count` rejects with; `cancel` ends the
 * looking, and it stays pending then.
 */
export function untilIdle(
  idleMs: number,
  count: () => Promise<number>,
  nowMs: () => number = () => performance.now(),
): { readonly idle: Promise<void>; readonly cancel: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  // While the host stands still nothing can move, and nothing is idle.
  let stillMs = 0;
  let lookedAtMs = nowMs();
  const watch = createIdleWatch(idleMs, lookedAtMs);
  let isLooking = false;
  const look = async (): Promise<void> => {
    const sinceMs = nowMs() - lookedAtMs;
    lookedAtMs += sinceMs;
    if (sinceMs >= STANDSTILL_MS) stillMs += sinceMs;
    if (isLooking) return;
    isLooking = true;
    try {
      if (watch.isIdle(await count(), lookedAtMs - stillMs)) resolve(undefined);
    } catch (error) {
      reject(error);
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return { idle: promise, cancel: () => clearInterval(timer) };
}
