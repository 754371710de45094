import { isFromFuture, nameOf, type Backup } from './catalogue.ts';

/** Which backups are kept; a backup that one rule keeps is kept. Without any rule all complete backups are kept. */
export interface Retention {
  /** The newest N of each client. */
  readonly last?: number | undefined;
  /** The newest of each of the last N days (UTC) that have one. */
  readonly daily?: number | undefined;
  /** The newest of each of the last N weeks (ISO 8601, UTC) that have one. */
  readonly weekly?: number | undefined;
  /** Those that are at most so much older than the client's newest. */
  readonly withinMs?: number | undefined;
}

export interface Decision {
  readonly backup: Backup;
  readonly keep: boolean;
  /** Why, in words. */
  readonly reason: string;
}

/**
 * Decides about every backup of a store. The newest complete backup of a client is always kept. What is unfinished goes
 * when it is older than `unfinishedMs`; what is incomplete goes with the rules, once its client has a newer complete one. A complete
 * one from the future is kept and counts for no rule: nobody knows which of its client's others it is older than.
 */
export function decideRetention(
  backups: readonly Backup[],
  rules: Retention,
  { nowMs, unfinishedMs }: { readonly nowMs: number; readonly unfinishedMs: number },
): Decision[] {
  const reasons = new Map<string, string>();
  const counted = backups.filter((one) => one.state === 'complete' && !isFromFuture(one, nowMs));
  for (const own of Map.groupBy(counted, ({ client }) => client).values())
    for (const [backup, reason] of kept(own, rules)) reasons.set(nameOf(backup), reason);
  const hasRules = Object.values(rules).some((rule) => rule !== undefined);
  return backups.map((backup) => {
    if (backup.state === 'complete') {
      if (isFromFuture(backup, nowMs)) return { backup, keep: true, reason: 'it is from the future' };
      const reason = reasons.get(nameOf(backup));
      return { backup, keep: reason !== undefined, reason: reason ?? 'no rule keeps it' };
    }
    if (backup.state === 'unfinished') {
      const isOld = nowMs - newestMs(backup) > unfinishedMs;
      return { backup, keep: !isOld, reason: isOld ? 'no manifest: it was cut' : 'it may still be under way' };
    }
    const isReplaced = counted.some((one) => one.client === backup.client && one.id > backup.id);
    return {
      backup,
      keep: !(hasRules && isReplaced),
      reason: isReplaced
        ? 'incomplete, and there is a newer complete one'
        : 'incomplete, but there is no newer complete one',
    };
  });
}

const timeMs = ({ beganAt }: Backup): number => Date.parse(beganAt);

/** When the last of its snapshots was made: a long backup is no old one. */
function newestMs(backup: Backup): number {
  return Math.max(timeMs(backup), ...backup.partitionSnapshots.map(({ time }) => Date.parse(time)));
}

/** The complete backups of one client that stay, each with the first rule that keeps it. */
function kept(own: readonly Backup[], { last, daily, weekly, withinMs }: Retention): ReadonlyMap<Backup, string> {
  const newestFirst = own.toSorted((a, b) => timeMs(b) - timeMs(a));
  const reasons = new Map<Backup, string>();
  const keep = (backups: readonly Backup[], reason: string): void => {
    for (const backup of backups) if (!reasons.has(backup)) reasons.set(backup, reason);
  };
  const [newest] = newestFirst;
  if (newest === undefined) return reasons;
  if ([last, daily, weekly, withinMs].every((rule) => rule === undefined)) keep(newestFirst, 'no rule removes it');
  if (last !== undefined) keep(newestFirst.slice(0, last), `one of the last ${last}`);
  if (daily !== undefined) keep(newestOfEach(newestFirst, dayOf).slice(0, daily), 'the last of its day');
  if (weekly !== undefined) keep(newestOfEach(newestFirst, weekOf).slice(0, weekly), 'the last of its week');
  if (withinMs !== undefined)
    keep(
      newestFirst.filter((one) => timeMs(newest) - timeMs(one) <= withinMs),
      "recent, reckoned from the client's newest",
    );
  keep([newest], 'the newest complete backup of its client');
  return reasons;
}

function newestOfEach(newestFirst: readonly Backup[], periodOf: (backup: Backup) => string): Backup[] {
  return [...Map.groupBy(newestFirst, periodOf).values()].flatMap((all) => all.slice(0, 1));
}

const dayOf = ({ beganAt }: Backup): string => beganAt.slice(0, 10);

const DAY_MS = 86_400_000;
/** Number of the week, from Monday to Sunday. 1970-01-01 was a Thursday, the fourth day of its week. */
function weekOf(backup: Backup): string {
  return String(Math.floor((timeMs(backup) / DAY_MS + 3) / 7));
}
