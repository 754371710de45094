import * as z from 'zod';
import { LADDER_NAMES, type LadderName } from '../protocols/base/judge/ladders.ts';
import { HABIT_NAMES, type HabitName } from './habits.ts';
import type { Climb, Profile } from './profile.ts';

// Profiles as a file has them: what `pxewright profile` writes, and what `--profile` reads.

const habit = z.enum(HABIT_NAMES as [HabitName, ...HabitName[]]);
const ladder = z.enum(LADDER_NAMES as [LadderName, ...LadderName[]]);
const evidence = z.string().min(1);

const profile = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected small letters, digits and dashes'),
  title: z.string().min(1),
  about: z.string().min(1),
  signs: z
    .array(z.partialRecord(habit, z.string()).refine((sign) => Object.keys(sign).length > 0, 'expected a habit'))
    .min(1),
  habits: z.partialRecord(habit, z.array(z.strictObject({ value: z.string(), evidence })).min(1)).default({}),
  ladders: z
    .partialRecord(
      ladder,
      z.array(
        z.strictObject({
          'waits-ms': z.array(z.number().positive()).min(1),
          'goes-on': z.literal(true).optional(),
          'and-more': z.literal(true).optional(),
          evidence,
        }),
      ),
    )
    .default({}),
});

const profileFile = z.strictObject({ profiles: z.array(profile).min(1) });
type FileProfile = z.input<typeof profile>;

/** A file's value does not describe profiles; the message says for each wrong place what was expected. */
export class ProfileFileError extends Error {
  override readonly name = 'ProfileFileError';
}

/** The profiles of a file's value. Throws ProfileFileError; `file` is what its message calls the file. */
export function profilesOf(value: unknown, file: string): Profile[] {
  const parsed = profileFile.safeParse(value);
  if (!parsed.success)
    throw new ProfileFileError(
      parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.') || 'the file'}: ${message}`).join('\n'),
    );
  return parsed.data.profiles.map(({ ladders, habits, signs, ...named }) => ({
    ...named,
    signs,
    habits,
    ladders: Object.fromEntries(
      Object.entries(ladders).map(([name, climbs]) => [
        name,
        climbs.map(
          (climb): Climb => ({
            waitsMs: climb['waits-ms'],
            ...(climb['goes-on'] ? { goesOn: true } : {}),
            ...(climb['and-more'] ? { andMore: true } : {}),
            evidence: climb.evidence,
          }),
        ),
      ]),
    ),
  }));
}

/** Profiles as a file's value. */
export function fileOf(profiles: readonly Profile[]): { readonly profiles: FileProfile[] } {
  return {
    profiles: profiles.map(({ ladders, signs, habits, ...named }) => ({
      ...named,
      signs: signs.map((sign) => ({ ...sign })),
      habits: Object.fromEntries(
        Object.entries(habits).map(([name, values]) => [name, values.map((one) => ({ ...one }))]),
      ),
      ladders: Object.fromEntries(
        Object.entries(ladders).map(([name, climbs]) => [
          name,
          climbs.map(({ waitsMs, goesOn, andMore, evidence: known }) => ({
            'waits-ms': [...waitsMs],
            ...(goesOn ? { 'goes-on': true as const } : {}),
            ...(andMore ? { 'and-more': true as const } : {}),
            evidence: known,
          })),
        ]),
      ),
    })),
  };
}
