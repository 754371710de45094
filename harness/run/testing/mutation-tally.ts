import { readGoodBoot } from './good-boot.ts';
import { createMutationJudge, type MutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { mutationsOf, type Mutation } from './mutations.ts';

/** How many mutations of a kind and protocol were noticed. */
interface TallyRow {
  readonly what: string;
  tried: number;
  noticed: number;
  /** Per cent, one decimal. */
  share: number;
}

export interface MutationTally {
  readonly tried: number;
  readonly rows: readonly TallyRow[];
  /** Noticed of all, 0 to 1. */
  readonly share: number;
  /** Names of those that the judge did not notice. */
  readonly missed: readonly string[];
}

/**
 * Judges mutations and counts: a row for all, one for bulk frames and one for those that a step or event names, one a
 * kind, one a kind and protocol.
 */
export function tallyMutations(judge: MutationJudge, mutations: readonly Mutation[]): MutationTally {
  const rows = new Map<string, TallyRow>();
  const missed: string[] = [];
  for (const mutation of mutations) {
    const noticed = judge.isNoticed(mutation);
    if (!noticed) missed.push(mutation.name);
    for (const what of [
      'all',
      mutation.bulk ? 'bulk frames' : 'named frames',
      mutation.kind,
      `${mutation.kind} ${mutation.protocol}`,
    ]) {
      const row = rows.get(what) ?? { what, tried: 0, noticed: 0, share: 0 };
      row.tried += 1;
      if (noticed) row.noticed += 1;
      row.share = Math.round((row.noticed / row.tried) * 1000) / 10;
      rows.set(what, row);
    }
  }
  return {
    tried: mutations.length,
    rows: [...rows.values()].sort((a, b) => (a.what < b.what ? -1 : 1)),
    share: mutations.length === 0 ? 0 : 1 - missed.length / mutations.length,
    missed,
  };
}

/** Counts all mutations of a run's capture, which lies among its evidence. */
export async function tallyCapture(captureFile: string): Promise<MutationTally> {
  const boot = await readGoodBoot(captureFile);
  const judge = createMutationJudge(boot);
  return tallyMutations(judge, mutationsOf(boot.frames, targetsOf(boot, judge)));
}
