import type * as z from 'zod';

// How a service misbehaves on purpose is declared once, in the service's own `misbehaviours.ts`: each key is a word of
// scenarios and a key of the service's configuration. Everything is counted and nothing random, so that a scenario
// repeats exactly.

/**
 * The vocabulary of such a declaration. Scenarios and configurations differ in a few words, so each has its own:
 * `harness/scenario/schema/misbehaviour.ts` and `config-words.ts`.
 */
export interface MisbehaviourWords<Duration extends z.ZodType<number>> {
  /** Milliseconds once parsed: with its unit in a scenario, a number in a configuration. */
  readonly duration: Duration;
  /** A client: by its name in a scenario, by its hardware address in a configuration. */
  readonly client: z.ZodType<string, string>;
  /** A file's name on the wire. */
  readonly path: z.ZodType<string, string>;
  readonly flag: z.ZodType<boolean, boolean>;
  /** A whole number between two limits. */
  readonly count: (least: number, most: number, what: string) => z.ZodType<number, number>;
  /** One of a closed set of words. */
  readonly word: <const Words extends readonly string[]>(words: Words) => z.ZodEnum<{ [Word in Words[number]]: Word }>;
  /** An error's text, which says what was expected. */
  readonly expected: (what: string) => string;
}
