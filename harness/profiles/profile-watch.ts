import { LADDERS, type LadderName } from '../protocols/base/judge/ladders.ts';
import { recordedStep } from '../protocols/base/judge/step-builders.ts';
import type { Sighting, StepDraft } from '../protocols/base/judge/step.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { leftClimb } from './climbing.ts';
import { differenceOf, type HabitName, matches } from './habits.ts';
import type { Climb, HabitValue, Profile } from './profile.ts';
import { type HeardProgram, Speaker } from './speaker.ts';
import { STANDARD_LADDERS } from './standards.ts';

/** How a request is repeated, and by whose profile; by the standards where there is none. */
export interface KnownLadder {
  readonly climbs: readonly Climb[];
  readonly profile: Profile | undefined;
}

/** How a program that nobody knows repeats a request. */
export function standardLadder(name: LadderName): KnownLadder {
  return { climbs: STANDARD_LADDERS[name], profile: undefined };
}

/** Requests of a network stack, which goes on below the programs that are loaded. */
const OF_THE_STACK: readonly LadderName[] = ['arp', 'neighbour', 'router-solicitation'];

/** Follows which program a client runs, and reports where a program leaves its profile: once for each habit. */
export class ProfileWatch {
  readonly #speaker: Speaker;
  readonly #reported = new Set<string>();

  constructor(profiles: readonly Profile[]) {
    this.#speaker = new Speaker(profiles);
  }

  /** The programs that were heard, in order. */
  get programs(): readonly HeardProgram[] {
    return this.#speaker.programs;
  }

  /** Hears an event before the machines do. */
  hear(event: ProtocolEvent): StepDraft[] {
    const heard = this.#speaker.hear(event);
    const profile = heard?.profile;
    if (!heard || profile === undefined) return [];
    const { shown } = heard;
    return Object.entries(shown).flatMap(([name, got]) => {
      const habit = name as HabitName;
      const values = profile.habits[habit];
      if (values === undefined || values.some(({ value }) => matches(got, value))) return [];
      return this.#left(profile, habit, event, { expected: nearest(habit, values, got), got });
    });
  }

  /** How the program that speaks now repeats a request: by its profile, by that of the stack below it, else by the standards. */
  ladderOf(name: LadderName): KnownLadder {
    const profile = this.#programsWith(name).at(-1);
    const climbs = this.#speaker.current && profile?.ladders[name];
    return climbs ? { climbs, profile } : standardLadder(name);
  }

  /** A request came again: reports a try that comes when its program has none. */
  retried(name: LadderName, { climbs, profile }: KnownLadder, tries: readonly Sighting[]): StepDraft[] {
    const last = tries.at(-1);
    if (profile === undefined || last === undefined) return [];
    const others = OF_THE_STACK.includes(name)
      ? this.#programsWith(name).map(({ ladders }) => ladders[name] ?? [])
      : [];
    const left = leftClimb([climbs, ...others].flat(), tries);
    if (!left) return [];
    const { request } = LADDERS[name];
    return this.#left(profile, name, last, {
      expected: `the next ${request} after ${left.expectedMs.map(seconds).join(' or ')}`,
      got: `after ${seconds(left.gotMs)}`,
      frames: tries.slice(-2).map(({ frame }) => frame),
    });
  }

  #programsWith(name: LadderName): Profile[] {
    return this.programs.flatMap(({ profile }) => (profile?.ladders[name] ? [profile] : []));
  }

  #left(
    profile: Profile,
    habit: HabitName | LadderName,
    at: Sighting,
    {
      expected,
      got,
      frames,
    }: { readonly expected: string | Nearest; readonly got: string; readonly frames?: number[] },
  ): StepDraft[] {
    const key = `${profile.name} ${habit}`;
    if (this.#reported.has(key)) return [];
    this.#reported.add(key);
    const [text, difference] = typeof expected === 'string' ? [expected, got] : [expected.value, expected.difference];
    return [
      recordedStep('boot', {
        step: 'profile.left',
        at,
        ...(frames ? { frames } : {}),
        detail: { profile: profile.name, habit, expected: text, got },
        why: `${profile.title} is not known to do this (${habit}: ${difference}): another version or build, a program that only looks like it, or a frame that was changed on its way`,
      }),
    ];
  }
}

interface Nearest {
  readonly value: string;
  readonly difference: string;
}

/** The value that a program would most likely have written, and how what came differs from it. */
function nearest(habit: HabitName, values: readonly HabitValue[], got: string): Nearest {
  const told = values.map(({ value }) => ({ value, difference: differenceOf(habit, value, got) }));
  const [first, ...more] = told;
  return more.reduce(
    (best, one) => (one.difference.length < best.difference.length ? one : best),
    first ?? { value: '', difference: got },
  );
}

const seconds = (ms: number): string => `${ms / 1000} s`;
