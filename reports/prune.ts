/** A run, as far as it matters to whether it is kept. */
export interface PrunableRun {
  readonly startedMs: number;
  readonly bytes: number;
  /** A run that is going on is never removed; it counts where runs and bytes are counted. */
  readonly goingOn: boolean;
}

/** A run goes when any of them says so. */
export interface PruneCriteria {
  readonly olderThanMs?: number | undefined;
  /** Only so many runs stay, the newest ones. */
  readonly keep?: number | undefined;
  /** The oldest ones go until the others take at most so many bytes. */
  readonly maxBytes?: number | undefined;
}

/** The runs to remove, oldest first. Pure. */
export function runsToRemove<T extends PrunableRun>(runs: readonly T[], criteria: PruneCriteria, nowMs: number): T[] {
  const { olderThanMs = Infinity, keep = Infinity, maxBytes = Infinity } = criteria;
  const newestFirst = runs.toSorted((a, b) => b.startedMs - a.startedMs);
  const removed: T[] = [];
  let [kept, bytes] = [0, 0];
  // What is going on stays in any case: its bytes are not there for others.
  const goingOnBytes = runs.filter(({ goingOn }) => goingOn).reduce((sum, run) => sum + run.bytes, 0);
  let full = false;
  for (const run of newestFirst) {
    const stays = run.goingOn || (nowMs - run.startedMs <= olderThanMs && kept < keep);
    // One that is too large ends the list: older ones that would still fit are not kept in its place.
    full ||= !run.goingOn && stays && goingOnBytes + bytes + run.bytes > maxBytes;
    if (!stays || (full && !run.goingOn)) removed.unshift(run);
    else {
      kept += 1;
      if (!run.goingOn) bytes += run.bytes;
    }
  }
  return removed;
}
