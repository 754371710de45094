import { type Phase, PHASES } from './base/judge/boot-meaning.ts';
import { BOOT } from './base/judge/boot-vocabulary.ts';
import type { CauseWords, Lack, StepWords } from './base/judge/vocabulary.ts';
import { PROTOCOLS } from './index.ts';

// The words of all rooms together: what a scenario may name, and what a person reads about it.

type Rooms = (typeof PROTOCOLS)[number]['words'] | typeof BOOT;
type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type Merged<K extends keyof Rooms> = Intersection<Rooms[K]>;

// Each room's words are its own: merged, they are an object with the keys of all of them.
function merged<K extends keyof Rooms>(kind: K): Merged<K> {
  const all = {};
  for (const words of [...PROTOCOLS.map((protocol) => protocol.words), BOOT]) Object.assign(all, words[kind]);
  return all as Merged<K>;
}

/** Every step that a machine can emit, by name; the order is that of the rooms. */
export const STEPS = merged('steps');
/** Every cause that a failed step may name. */
export const CAUSES = merged('causes');
/** Every wait that a machine's state may name. */
export const WAITS = merged('waits');

/** A step's stable name, `protocol.step`. */
export type StepName = keyof typeof STEPS;
/** A cause's stable identifier. */
export type CauseName = keyof typeof CAUSES;
/** A wait's name: budgets of phases may override those that are named as phases. */
export type WaitName = keyof typeof WAITS;

/** What a room declares of a step; undefined for a name that no room declares. */
export function wordsOf(step: string): StepWords | undefined {
  return Object.hasOwn(STEPS, step) ? STEPS[step as StepName] : undefined;
}

/** Causes that are named after a message that did not come. */
const NAMED_MESSAGE = /-silent$|-unanswered$|-never-|-unreachable$/;
/** Causes of what a conversation lacks or breaks when a part of it is missing. */
const NAMED_EARLIER = /-connection-lost$|-protocol-breach$/;

/** What a capture that does not hold everything may lack where a step fails for this cause; undefined for what it shows. */
export function lackOf(cause: string): Lack | undefined {
  if (NAMED_MESSAGE.test(cause)) return 'message';
  if (NAMED_EARLIER.test(cause)) return 'earlier-message';
  const words: CauseWords | undefined = Object.hasOwn(CAUSES, cause) ? CAUSES[cause as CauseName] : undefined;
  return words?.lacks;
}

/** Steps by which a client begins to ask for an address. */
export const FIRST_QUESTIONS: ReadonlySet<string> = new Set<StepName>(['dhcp.discover', 'dhcpv6.solicit']);

/** All step names, in the order of the rooms. */
export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[];
/** All causes. */
export const CAUSE_NAMES = Object.keys(CAUSES) as readonly CauseName[];

/** Phases that a scenario can give a budget to: those whose end a machine waits for. */
export const BUDGETED_PHASES = Object.keys(PHASES).filter((phase): phase is Phase & WaitName => phase in WAITS);
