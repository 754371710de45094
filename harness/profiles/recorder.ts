import { LADDER_NAMES, type LadderName } from '../protocols/base/judge/ladders.ts';
import type { Sighting } from '../protocols/base/judge/step.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { HABIT_NAMES, type HabitName, type Shown } from './habits.ts';
import type { Climb, HabitValue, Profile, Sign } from './profile.ts';
import { PROFILES } from './profiles.ts';
import { Speaker } from './speaker.ts';
import { TriesOf } from './tries-of.ts';

/** What is never a habit: it shows who speaks, or what was asked for. */
const NO_HABITS: readonly HabitName[] = ['tftp.file', 'http.range'];
/** Signs of a program that nobody knew: each of these with its vendor and user class. */
const SIGN_WITH: readonly (readonly HabitName[])[] = [
  ['dhcp.vendor-class', 'dhcp.user-class', 'dhcp.parameter-list'],
  ['dhcp.vendor-class', 'dhcp.user-class', 'dhcp.discover-options'],
  ['dhcp.vendor-class', 'dhcp.user-class', 'dhcp.request-options'],
  ['proxydhcp.vendor-class', 'proxydhcp.user-class', 'proxydhcp.options'],
  ['dhcpv6.vendor-class', 'dhcpv6.user-class', 'dhcpv6.option-request'],
];
/** A program that asks for no address is known by what it reads files with. */
const SIGN_ALONE: readonly HabitName[] = ['tftp.options', 'http.user-agent'];

/** What one program showed. */
interface Program {
  readonly profile: Profile | undefined;
  readonly values: Map<HabitName, Map<string, number[]>>;
  readonly signs: Map<string, Sign>;
  readonly frames: number[];
}

/** Records profiles of the programs of one client: hand it the client's events, then ask for what they showed. */
export class ProfileRecorder {
  readonly #speaker = new Speaker(PROFILES);
  readonly #programs = new Map<string, Program>();
  readonly #tries = new TriesOf();
  readonly #byFrame = new Map<number, Program>();
  #unknown = '';
  #current: Program | undefined;

  event(event: ProtocolEvent): void {
    const heard = this.#speaker.hear(event);
    if (heard) {
      this.#current = this.#programOf(heard.profile, heard.shown);
      note(this.#current, heard.shown, event.frame);
    }
    if (this.#current) this.#byFrame.set(event.frame, this.#current);
    this.#tries.event(event);
  }

  /** The profiles, in the order in which their programs spoke; `source` and the names of new ones are the caller's. */
  profiles(source: string, name: string, endUs: number): Profile[] {
    const vain = this.#tries.end(endUs);
    let unknown = 0;
    return [...this.#programs.values()].map((program) => {
      const { profile, frames } = program;
      if (profile === undefined) unknown += 1;
      const own = unknown > 1 ? `${name}-${unknown}` : name;
      const ladders: Partial<Record<LadderName, Climb[]>> = {};
      for (const ladder of LADDER_NAMES)
        for (const { ladders: shown, tries } of vain)
          if (shown.includes(ladder) && this.#byFrame.get(tries[0]?.frame ?? 0) === program)
            (ladders[ladder] ??= []).push(climbOf(source, tries));
      return {
        name: profile?.name ?? own,
        title: profile?.title ?? own,
        about: `recorded from ${source}, frames ${Math.min(...frames)} to ${Math.max(...frames)}`,
        signs: profile?.signs ?? signsOf(program),
        habits: habitsOf(source, program),
        ladders,
      };
    });
  }

  #programOf(profile: Profile | undefined, shown: Shown): Program {
    // Two unknown programs may follow each other: each that asks for an address says who it is.
    if (profile === undefined && shown['dhcp.vendor-class'] !== undefined)
      this.#unknown = `${shown['dhcp.vendor-class']} ${shown['dhcp.user-class'] ?? ''} ${shown['dhcp.parameter-list'] ?? ''}`;
    const key = profile ? `profile ${profile.name}` : `unknown ${this.#unknown}`;
    const program = this.#programs.get(key) ?? { profile, values: new Map(), signs: new Map(), frames: [] };
    this.#programs.set(key, program);
    return program;
  }
}

function note({ values, signs, frames }: Program, shown: Shown, frame: number): void {
  frames.push(frame);
  for (const [name, value] of Object.entries(shown)) {
    const habit = name as HabitName;
    if (NO_HABITS.includes(habit)) continue;
    const known = values.get(habit) ?? new Map<string, number[]>();
    values.set(habit, known);
    known.set(value, [...(known.get(value) ?? []), frame]);
  }
  for (const habits of SIGN_WITH) {
    const sign = Object.fromEntries(
      habits.flatMap((habit) => (shown[habit] === undefined ? [] : [[habit, shown[habit]]])),
    );
    if (Object.keys(sign).length === habits.length) signs.set(JSON.stringify(sign), sign);
  }
}

/** The signs of a program; one that asked for no address is known by what it reads files with. */
function signsOf({ signs, values }: Program): Sign[] {
  if (signs.size > 0) return [...signs.values()];
  return SIGN_ALONE.flatMap((habit) =>
    [...(values.get(habit)?.keys() ?? [])].map((value): Sign => ({ [habit]: value })),
  );
}

function habitsOf(source: string, { values }: Program): Partial<Record<HabitName, HabitValue[]>> {
  const habits: Partial<Record<HabitName, HabitValue[]>> = {};
  for (const habit of HABIT_NAMES) {
    const known = values.get(habit);
    if (known)
      habits[habit] = [...known].map(([value, frames]) => ({ value, evidence: `${source} ${framesText(frames)}` }));
  }
  return habits;
}

/** The waits between tries; the last wait, which nothing ends, is taken to grow as the others do. */
function climbOf(source: string, tries: readonly Sighting[]): Climb {
  const gaps = tries.slice(1).map(({ atUs }, index) => Math.round((atUs - (tries[index]?.atUs ?? atUs)) / 1000));
  const [before = 0, last = 0] = gaps.slice(-2);
  const grows = before > 0 ? Math.max(1, Math.round(last / before)) : 1;
  return {
    waitsMs: [...gaps, last * grows],
    evidence: `${source} ${framesText(tries.map(({ frame }) => frame))}; the last wait is assumed`,
  };
}

/** Frames that evidence names: the first ones show it. */
const MAX_FRAMES = 6;
const framesText = (frames: readonly number[]): string =>
  `frame${frames.length === 1 ? '' : 's'} ${frames.slice(0, MAX_FRAMES).join(', ')}${frames.length > MAX_FRAMES ? ' and more' : ''}`;
