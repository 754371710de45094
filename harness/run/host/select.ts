import type { Plan } from '../../plan/plan.ts';
import { dealShards, partitionDigest, type Shard } from './shards.ts';

export interface Selection {
  /** Regular expression on id and name. */
  readonly grep?: string | undefined;
  readonly tags?: readonly string[];
  /** Ids of plans; absent: any. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Every plan belongs to exactly one shard, whatever the order of files. */
  readonly shard?: Shard | undefined;
  /** Recorded durations by the id of the plan, by which shards are balanced. */
  readonly durationsMs?: ReadonlyMap<string, number> | undefined;
  readonly repeat?: number;
}

/** One entry of a run: a plan, and which repetition of it. */
export interface Selected {
  readonly plan: Plan;
  /** Counts from 1; absent where nothing is repeated. */
  readonly repetition?: number;
}

/** What a command line asks for. */
export interface Selections {
  readonly selected: Selected[];
  /** Plans that the filters left, over all shards. */
  readonly matching: number;
  /** Fingerprint of how the plans were dealt out to shards; absent without shards. */
  readonly partition?: string;
}

/** The plans that a command line asks for. Pure; order of `plans` kept. */
export function selectPlans(plans: readonly Plan[], selection: Selection): Selections {
  const { shard, only, tags, repeat = 1 } = selection;
  const pattern = selection.grep === undefined ? undefined : new RegExp(selection.grep, 'i');
  const matching = plans.filter(
    ({ id, name, tags: own }) =>
      (!pattern || pattern.test(id) || pattern.test(name)) &&
      (!tags?.length || tags.some((tag) => own.includes(tag))) &&
      (only === undefined || only.has(id)),
  );
  if (shard === undefined) return { selected: repeated(matching, repeat), matching: matching.length };
  const shards = dealShards(
    matching.map(({ id }) => id),
    shard.of,
    selection.durationsMs,
  );
  const mine = new Set(shards[shard.n - 1]);
  return {
    selected: repeated(
      matching.filter(({ id }) => mine.has(id)),
      repeat,
    ),
    matching: matching.length,
    partition: partitionDigest(shards),
  };
}

function repeated(plans: readonly Plan[], repeat: number): Selected[] {
  if (repeat === 1) return plans.map((plan) => ({ plan }));
  return Array.from({ length: repeat }, (_, index) => plans.map((plan) => ({ plan, repetition: index + 1 }))).flat();
}
