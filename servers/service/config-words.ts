import * as z from 'zod';
import { mac } from './config-fields.ts';
import type { MisbehaviourWords } from './misbehaviour-words.ts';

/** A day: longer than any boot. */
const LONGEST_MS = 86_400_000;

const count = (least: number, most: number, what: string): z.ZodInt => {
  const error = `expected ${what}, a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** Misbehaviours as a service's configuration has them. */
export const CONFIG_WORDS: MisbehaviourWords<z.ZodInt> = {
  duration: count(0, LONGEST_MS, 'milliseconds'),
  client: mac,
  path: z.string('expected a path'),
  flag: z.boolean('expected true or false'),
  count,
  word: (words) => z.enum(words, `expected one of ${words.join(', ')}`),
  expected: (what) => `expected ${what}`,
};
