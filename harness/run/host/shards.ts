import { createHash } from 'node:crypto';
import { median } from '../../../reports/statistics.ts';

/** `n` of `of`, counted from 1. */
export interface Shard {
  readonly n: number;
  readonly of: number;
}

/**
 * Deals ids out to `of` shards so that all take about the same time: the longest first, each to the shard that has
 * least so far (Graham 1969, LPT). Loads differ by at most one duration. An id without a recorded duration counts as
 * the median of the others. Depends on nothing but the ids, whatever their order, and the durations: hosts that know
 * the same come to the same shards.
 */
export function dealShards(
  ids: readonly string[],
  of: number,
  durationsMs: ReadonlyMap<string, number> = new Map(),
): string[][] {
  const known = ids.flatMap((id) => durationsMs.get(id) ?? []);
  const usual = known.length === 0 ? 1 : median(known);
  const weight = (id: string): number => durationsMs.get(id) ?? usual;
  const shards = Array.from({ length: of }, () => ({ load: 0, ids: [] as string[] }));
  for (const id of [...ids].sort((a, b) => weight(b) - weight(a) || Number(a > b) - Number(a < b))) {
    const lightest = shards.reduce((least, shard) => (isLighter(shard, least) ? shard : least));
    lightest.load += weight(id);
    lightest.ids.push(id);
  }
  return shards.map((shard) => shard.ids.toSorted());
}

/** A fingerprint of a way to deal: shards of one run must have the same, or scenarios ran twice or not at all. */
export function partitionDigest(shards: readonly (readonly string[])[]): string {
  return createHash('sha256').update(JSON.stringify(shards)).digest('hex').slice(0, 16);
}

/** Of equal loads, as where every duration is zero, the shard with fewer scenarios is the lighter one. */
function isLighter(
  one: { readonly load: number; readonly ids: readonly string[] },
  other: { readonly load: number; readonly ids: readonly string[] },
): boolean {
  return one.load === other.load ? one.ids.length < other.ids.length : one.load < other.load;
}
