import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EVIDENCE } from '../../reports/file-names.ts';
import { unwritten } from '../../reports/unwritten-file.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ClientEnd } from '../verdict/judge-types.ts';
import type { Standstill } from '../verdict/machines/standstills.ts';

/**
 * Facts that a live judge had besides the frames: when power came on, first for all and then for clients that start
 * after others, when the host stood still, when the capture ended, when clients ended, and profiles that a command line named. Kept beside the
 * capture, so that a replay of it gives the same steps at the same times.
 */
export interface JudgedWith {
  readonly startUs: number;
  readonly endUs: number;
  /** Absent where all clients were powered on at `startUs`. */
  readonly poweredOn?: readonly { readonly mac: string; readonly atUs: number }[];
  /** Absent where the host always ran. */
  readonly stoodStill?: readonly Standstill[];
  readonly ended: readonly ClientEnd[];
  /** Profiles of the user's own; absent without any. */
  readonly profiles?: readonly Profile[];
}

export async function writeJudgedWith(evidenceFolder: string, facts: JudgedWith): Promise<void> {
  const file = join(evidenceFolder, EVIDENCE.judgedWith);
  await writeFile(file, `${JSON.stringify(facts, null, 2)}\n`).catch(unwritten(file));
}

/** The facts beside a capture of ours; undefined for a capture of somebody else's boot, and for a damaged file. */
export async function readJudgedWith(captureFile: string): Promise<JudgedWith | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dirname(captureFile), EVIDENCE.judgedWith), 'utf8'));
    return isJudgedWith(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// By hand, not by a schema: a replay starts in half the time without the schema library.
function isJudgedWith(value: unknown): value is JudgedWith {
  const facts = value as Partial<JudgedWith> | null;
  return (
    typeof facts?.startUs === 'number' &&
    typeof facts.endUs === 'number' &&
    Array.isArray(facts.ended) &&
    (facts.poweredOn === undefined ||
      (Array.isArray(facts.poweredOn) &&
        facts.poweredOn.every(
          (on: Partial<{ mac: string; atUs: number }> | null) =>
            typeof on?.mac === 'string' && typeof on.atUs === 'number',
        ))) &&
    (facts.stoodStill === undefined ||
      (Array.isArray(facts.stoodStill) &&
        facts.stoodStill.every(
          (span: Partial<Standstill> | null) => typeof span?.fromUs === 'number' && typeof span.toUs === 'number',
        ))) &&
    (facts.profiles === undefined || (Array.isArray(facts.profiles) && facts.profiles.every(isProfile))) &&
    facts.ended.every(
      (end: Partial<Record<keyof ClientEnd, unknown>> | null) =>
        typeof end?.mac === 'string' &&
        typeof end.atUs === 'number' &&
        typeof end.reason === 'string' &&
        (end.how ?? 'idle') === 'idle',
    )
  );
}

const isProfile = (profile: Partial<Record<keyof Profile, unknown>> | null): boolean =>
  typeof profile?.name === 'string' &&
  typeof profile.title === 'string' &&
  Array.isArray(profile.signs) &&
  isMap(profile.habits) &&
  isMap(profile.ladders);

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null;
