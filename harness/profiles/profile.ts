import type { LadderName } from '../protocols/base/judge/ladders.ts';
import type { HabitName, Shown } from './habits.ts';

/** One way to repeat a request that nobody answers. */
export interface Climb {
  /** How long the program waits after each try, the last one included; milliseconds. */
  readonly waitsMs: readonly number[];
  /** After that it boots by what other servers have told it, if any has. */
  readonly goesOn?: true;
  /** It goes on so: these tries show that nobody answers, and not when it gives up. */
  readonly andMore?: true;
  /** How that is known: a capture and its frames, a measurement, a file of the program's source. */
  readonly evidence: string;
}

/** A value that a habit has. `*` stands for any text. */
export interface HabitValue {
  readonly value: string;
  /** How that is known: a capture and its frames, a measurement, a file of the program's source. */
  readonly evidence: string;
}

/** What shows that a program speaks: all of these values in one message. `*` stands for any text. */
export type Sign = Shown;

/** How one program asks for an address and for files, as data. */
export interface Profile {
  /** As results and files name it. */
  readonly name: string;
  /** As people name it. */
  readonly title: string;
  readonly about: string;
  /** Each is enough. Profiles are tried in order. */
  readonly signs: readonly Sign[];
  /** Values that this program is known to write, of the habits that are known of it. */
  readonly habits: Readonly<Partial<Record<HabitName, readonly HabitValue[]>>>;
  readonly ladders: Readonly<Partial<Record<LadderName, readonly Climb[]>>>;
}
