import { HABIT_NAMES, HABITS } from '../profiles/habits.ts';
import type { Sign } from '../profiles/profile.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { STANDARD_LADDERS } from '../profiles/standards.ts';
import { LADDER_NAMES, LADDERS } from '../protocols/base/judge/ladders.ts';
import { code, table } from './markdown-table.ts';

// The tables of harness/docs/profiles.md, and the one of ladders in harness/docs/steps.md, made from the profiles.

/** Every program whose ways are known, and the signs by which it is known. */
export function profileTable(): string {
  return table(
    ['Profile', 'Program', 'Known by one of'],
    PROFILES.map(({ name, title, about, signs }) => [code(name), `${title}: ${about}`, signs.map(signText).join('; ')]),
  );
}

/** What can be known of a program's messages. */
export function habitTable(): string {
  return table(
    ['Habit', 'What it is'],
    HABIT_NAMES.map((name) => [code(name), HABITS[name].about]),
  );
}

/** What each program is known to write, with the evidence. */
export function habitValueTables(): string {
  return PROFILES.map(({ title, habits }) => {
    const rows = HABIT_NAMES.flatMap((name) =>
      (habits[name] ?? []).map(({ value, evidence }) => [code(name), code(value.replaceAll(',', ', ')), evidence]),
    );
    return `### ${title}\n\n${table(['Habit', 'Value', 'Evidence'], rows)}`;
  }).join('\n\n');
}

/** How programs repeat what nobody answers, a row for each, and what the standards say of those that nobody knows. */
export function ladderTable(): string {
  return table(
    ['Ladder', 'Request', 'Waits for', 'Program', 'Waits after each try', 'Evidence'],
    LADDER_NAMES.flatMap((name) => {
      const { request, answer } = LADDERS[name];
      const known = PROFILES.map(({ title, ladders }) => ({ title, climbs: ladders[name] ?? [] }));
      return [...known, { title: 'any other', climbs: STANDARD_LADDERS[name] }].flatMap(({ title, climbs }) =>
        climbs.map(({ waitsMs, evidence }) => [code(name), request, answer, title, waitsText(waitsMs), evidence]),
      );
    }),
  );
}

/** Waits that a row of the table shows. */
const MAX_WAITS = 8;

/** `1, 2, 4 s`; of many the first ones and the last. */
function waitsText(waitsMs: readonly number[]): string {
  const shown = waitsMs.map((ms) => `${ms / 1000}`);
  return shown.length <= MAX_WAITS
    ? `${shown.join(', ')} s`
    : `${shown.slice(0, MAX_WAITS - 2).join(', ')}, … ${shown.at(-1) ?? ''} s (${shown.length})`;
}

const signText = (sign: Sign): string =>
  Object.entries(sign)
    .map(([habit, value]) => `${code(habit)} ${code(value.replaceAll(',', ', '))}`)
    .join(' with ');
