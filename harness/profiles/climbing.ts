import type { Sighting } from '../protocols/base/judge/step.ts';
import type { Climb } from './profile.ts';

/** A wait may be shorter than it should be: timers tick, and clocks of captures do, too. */
const EARLY = 0.75;
/** Two ticks of the PC's clock, which PXELINUX counts in. */
const EARLY_MS = 110;
/** A wait may be longer: a VM on a busy host; an address that was resolved meanwhile. */
const LATE = 1.6;
const LATE_MS = 1000;
/** Tries that come together are one, shown twice by the network. */
const TOGETHER_MS = 20;

/** Where a client's last try leaves all climbs of a program: how long the program waits there, and how long it did. */
export interface LeftClimb {
  readonly expectedMs: readonly number[];
  readonly gotMs: number;
}

/**
 * Whether the last of these tries came when no climb has one; undefined where a climb fits. Tries that the capture does
 * not have are no other timer: a wait may be that of several tries together.
 */
export function leftClimb(climbs: readonly Climb[], tries: readonly Sighting[]): LeftClimb | undefined {
  const gaps = gapsOf(tries);
  const last = gaps.at(-1);
  if (last === undefined || climbs.length === 0) return undefined;
  const rungs = climbs.map(({ waitsMs }) => ({ waitsMs, at: rungOf(waitsMs, gaps.slice(0, -1)) }));
  const expected = rungs.flatMap(({ waitsMs, at }) => (at === undefined ? [] : [{ waitsMs, at }]));
  // One who has left every climb before is reported once.
  if (expected.length === 0 || expected.some(({ waitsMs, at }) => nextRung(waitsMs, at, last) !== undefined))
    return undefined;
  return { expectedMs: [...new Set(expected.map(({ waitsMs, at }) => waitsMs[at] ?? 0))], gotMs: Math.round(last) };
}

/** The climbs that these tries may be on; all of them where they are on none. */
export function climbsWith(climbs: readonly Climb[], tries: readonly Sighting[]): readonly Climb[] {
  const gaps = gapsOf(tries);
  const fitting = climbs.filter(({ waitsMs }) => rungOf(waitsMs, gaps) !== undefined);
  return fitting.length === 0 ? climbs : fitting;
}

/** Milliseconds between tries. */
const gapsOf = (tries: readonly Sighting[]): number[] =>
  tries
    .slice(1)
    .map(({ atUs }, index) => (atUs - (tries[index]?.atUs ?? atUs)) / 1000)
    .filter((gap) => gap >= TOGETHER_MS);

/** The rung that a client stands on after these waits; undefined where it has left the climb. */
function rungOf(waitsMs: readonly number[], gaps: readonly number[]): number | undefined {
  let at: number | undefined = 0;
  for (const gap of gaps) {
    at = nextRung(waitsMs, at, gap);
    if (at === undefined) return undefined;
  }
  return at;
}

/** The rung after a wait that began on this one. Beyond the last one the program begins anew when it likes. */
function nextRung(waitsMs: readonly number[], at: number, gap: number): number | undefined {
  if (at >= waitsMs.length - 1) return at;
  let sum = 0;
  for (let rung = at; rung < waitsMs.length; rung++) {
    sum += waitsMs[rung] ?? 0;
    if (gap < EARLY * sum - EARLY_MS) return undefined;
    if (gap <= LATE * sum + LATE_MS) return rung + 1;
  }
  return waitsMs.length;
}
