import type { Plan } from '../../plan/plan.ts';

export interface Selection {
  /** Regular expression on id and name. */
  readonly grep?: string | undefined;
  readonly tags?: readonly string[];
  /** `n` of `of`, counted from 1: every plan belongs to exactly one shard, whatever the order of files. */
  readonly shard?: { readonly n: number; readonly of: number } | undefined;
  readonly repeat?: number;
}

/** One attempt-worthy entry of a run: a plan, and which repetition of it. */
export interface Selected {
  readonly plan: Plan;
  /** Counts from 1; absent where nothing is repeated. */
  readonly repetition?: number;
}

/** The plans that a command line asks for. Pure; order of `plans` kept. */
export function selectPlans(plans: readonly Plan[], selection: Selection): Selected[] {
  const pattern = selection.grep === undefined ? undefined : new RegExp(selection.grep, 'i');
  const wanted = plans.filter(
    (plan) =>
      (!pattern || pattern.test(plan.id) || pattern.test(plan.name)) &&
      (!selection.tags?.length || selection.tags.some((tag) => plan.tags.includes(tag))),
  );
  const shard = selection.shard;
  const mine = shard ? wanted.filter((_, index) => index % shard.of === shard.n - 1) : wanted;
  const { repeat = 1 } = selection;
  if (repeat === 1) return mine.map((plan) => ({ plan }));
  return Array.from({ length: repeat }, (_, index) => mine.map((plan) => ({ plan, repetition: index + 1 }))).flat();
}
