import { describe, expect, it } from 'vitest';
import type { ProtocolEvent } from '../protocols/events.ts';
import { leftClimb } from './climbing.ts';
import { type HabitName, matches } from './habits.ts';
import { PROFILES } from './profiles.ts';
import { shownBy } from './shown.ts';
import { eventsOf, framesOf } from './testing/captures.ts';

// Evidence names frames of captures: they are looked up, and must show what they are said to show.

const CITED = /`([a-z0-9-]+)` frames? ([0-9]+(?:(?:, | and | to )[0-9]+)*)/g;

/** Frames that an evidence names, by capture: `13 to 15` are three. */
function cited(evidence: string): { readonly capture: string; readonly frames: readonly number[] }[] {
  return [...evidence.matchAll(CITED)].map(([, capture = '', list = '']) => {
    const [from = 0, to] = list.split(' to ').map(Number);
    const frames =
      to === undefined ? list.split(/, | and /).map(Number) : Array.from({ length: to - from + 1 }, (_, i) => from + i);
    return { capture, frames };
  });
}

const known = new Map<string, Promise<readonly ProtocolEvent[]>>();
const eventsIn = (capture: string): Promise<readonly ProtocolEvent[]> => {
  const events = known.get(capture) ?? framesOf(capture).then(({ linkType, frames }) => eventsOf(linkType, frames));
  known.set(capture, events);
  return events;
};

const HABITS_CITED = PROFILES.flatMap(({ name, habits }) =>
  Object.entries(habits).flatMap(([habit, values]) =>
    values.flatMap(({ value, evidence }) =>
      cited(evidence).map(({ capture, frames }) => ({ name, habit: habit as HabitName, value, capture, frames })),
    ),
  ),
);

const CLIMBS_CITED = PROFILES.flatMap(({ name, ladders }) =>
  Object.entries(ladders).flatMap(([ladder, climbs]) =>
    climbs.flatMap((climb) =>
      cited(climb.evidence).map(({ capture, frames }) => ({ name, ladder, climb, capture, frames })),
    ),
  ),
);

describe('evidence', () => {
  it.each(HABITS_CITED)('$name: $habit in $capture, frames $frames', async ({ habit, value, capture, frames }) => {
    const events = await eventsIn(capture);
    const shown = frames.flatMap((frame) =>
      events.filter((event) => event.frame === frame).flatMap((event) => shownBy(event)?.[habit] ?? []),
    );
    expect(shown.length).toBeGreaterThan(0);
    // One evidence may name the frames of several values.
    expect(
      shown.some((text) => matches(text, value)),
      `${shown.join(' | ')} against ${value}`,
    ).toBe(true);
  });

  it.each(CLIMBS_CITED)('$name: $ladder in $capture, frames $frames', async ({ climb, capture, frames }) => {
    const { frames: all } = await framesOf(capture);
    const tries = frames.map((number) => ({
      frame: number,
      atUs: all.find((one) => one.number === number)?.atUs ?? 0,
    }));
    expect(tries.length).toBeGreaterThan(2);
    for (let count = 2; count <= tries.length; count++)
      expect(leftClimb([climb], tries.slice(0, count)), `${count} tries`).toBeUndefined();
  });

  it('is there for each value', () => {
    for (const { habits, ladders } of PROFILES)
      for (const { evidence } of [...Object.values(habits), ...Object.values(ladders)].flat())
        expect(evidence).toMatch(/frame|`[^`]+\.[ch]`|measured|captured|RFC|build|udhcpc|arp\(7\)|under EFI/);
    expect(HABITS_CITED.length).toBeGreaterThan(30);
    expect(CLIMBS_CITED.length).toBeGreaterThan(5);
  });
});
