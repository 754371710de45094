import { type Phase, PHASES } from '../protocols/base/judge/boot-meaning.ts';
import { BOOT } from '../protocols/base/judge/boot-vocabulary.ts';
import type { Causes, DetailWords, Steps, StepWords, Waits } from '../protocols/base/judge/vocabulary.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { capital, code, table } from './markdown-table.ts';
import { STEPS, WAITS } from '../protocols/words.ts';

// The tables of harness/docs/steps.md and harness/docs/events.md, made from what the rooms declare.

interface Room {
  readonly name: string;
  readonly about: string;
  readonly events?: Readonly<Record<string, string>>;
  readonly incidental?: true;
  readonly words: { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
}

const ROOMS: readonly Room[] = [
  ...PROTOCOLS,
  { name: 'boot', about: 'the boot as a whole, and the verdict', words: BOOT },
];

/** Each room's steps: their details, and what happened when they passed. */
export function stepTables(): string {
  return ownTables(
    ({ words }) => words.steps,
    ['Step', 'Details', 'Passed means'],
    (name, { details, about, only }) => [
      code(name),
      detailList(details),
      `${only ? `${capital(only)} only: ` : ''}${about}`,
    ],
  );
}

/** Each room's causes: what a person should do, and what firmware prints. */
export function causeTables(): string {
  return ownTables(
    ({ words }) => words.causes,
    ['Cause', 'Meaning, and what to do', 'Firmware prints'],
    (name, { why, code: printed }) => [code(name), why, printed ?? ''],
  );
}

/** Phases of a boot, and the budget of each that a scenario may set. */
export function phaseTable(): string {
  const budgetOf = (phase: string): string => (isWait(phase) ? seconds(WAITS[phase].ms) : 'none');
  return table(
    ['Phase', 'From, to', 'Budget by default'],
    (Object.entries(PHASES) as [Phase, string][]).map(([phase, span]) => [code(phase), span, budgetOf(phase)]),
  );
}

/** What an expectation list does with steps that a room marks. */
export function markTable(): string {
  const stepsWith = (mark: 'concurrent' | 'expectable' | 'creates'): string =>
    list(Object.entries<StepWords>(STEPS).flatMap(([name, words]) => (words[mark] ? [name] : [])));
  return table(
    ['Mark', 'What it means', 'Steps'],
    [
      ['concurrent', 'these come in any order among themselves: they answer one question', stepsWith('concurrent')],
      ['expectable', 'these match an expectation also when they are recorded', stepsWith('expectable')],
      ['creates', 'the `path` of such an expectation need not exist before', stepsWith('creates')],
      [
        'incidental',
        '`strict` allows these anywhere: caches and stacks decide when they come',
        list([
          ...PROTOCOLS.flatMap((protocol: Pick<Room, 'name' | 'incidental'>) =>
            protocol.incidental ? [`${protocol.name}.*`] : [],
          ),
          ...['boot.*', 'profile.*', '*.unfinished', '*.abandoned'],
        ]),
      ],
    ],
  );
}

/** Every wait that a state machine's state names. */
export function waitTable(): string {
  return table(
    ['Wait', 'Default', 'Evidence'],
    Object.entries(WAITS).map(([name, { ms, about }]) => [code(name), seconds(ms), about]),
  );
}

/** Each room's events. */
export function eventTables(): string {
  return ownTables(
    ({ events = {} }) => events,
    ['Event', 'Reported when'],
    (name, about) => [code(name), about],
  );
}

/** A table for each room that has words of its own: what it takes over from a room above in the list is not repeated. */
function ownTables<W>(
  wordsOf: (room: Room) => Readonly<Record<string, W>>,
  head: readonly string[],
  row: (name: string, words: W) => readonly string[],
): string {
  const seen = new Set<string>();
  return ROOMS.flatMap((room) => {
    const own = Object.entries(wordsOf(room)).filter(([name]) => !seen.has(name));
    for (const [name] of own) seen.add(name);
    return own.length === 0
      ? []
      : [
          `### ${room.name}\n\n${capital(room.about)}.\n\n${table(
            head,
            own.map(([name, words]) => row(name, words)),
          )}`,
        ];
  }).join('\n\n');
}

function detailList(details: Readonly<Record<string, DetailWords>>): string {
  return Object.entries(details)
    .map(([name, words]) => (typeof words === 'string' ? code(name) : `${code(name)} (${words[1]})`))
    .join(', ');
}

const list = (words: readonly string[]): string => words.map(code).join(', ');
const seconds = (ms: number): string => `${ms / 1000} s`;

function isWait(name: string): name is keyof typeof WAITS {
  return Object.hasOwn(WAITS, name);
}
