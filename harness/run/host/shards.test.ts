import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealShards, partitionDigest } from './shards.ts';

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 60 });
const shardCount = fc.integer({ min: 1, max: 9 });
/** Durations of some of the ids, and of others that nobody runs any more. */
const recorded = fc
  .array(fc.tuple(fc.string({ minLength: 1, maxLength: 6 }), fc.double({ min: 0, max: 1e6, noNaN: true })))
  .map((entries) => new Map(entries));
const loadsOf = (shards: readonly (readonly string[])[], ms: ReadonlyMap<string, number>): number[] =>
  shards.map((shard) => shard.reduce((sum, id) => sum + (ms.get(id) ?? 0), 0));

describe('dealShards', () => {
  it('gives every scenario to exactly one shard, whatever is recorded', () => {
    fc.assert(
      fc.property(ids, shardCount, recorded, (all, of, ms) => {
        const shards = dealShards(all, of, ms);
        expect(shards).toHaveLength(of);
        expect(shards.flat().toSorted()).toEqual(all.toSorted());
      }),
    );
  });

  it('depends on the scenarios and their durations, not on their order', () => {
    fc.assert(
      fc.property(
        ids.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        shardCount,
        recorded,
        ([all, shuffled], of, ms) => {
          expect(dealShards(shuffled, of, new Map([...ms].reverse()))).toEqual(
            dealShards(all, of, new Map([...ms].reverse())),
          );
          expect(partitionDigest(dealShards(shuffled, of, ms))).toBe(partitionDigest(dealShards(all, of, ms)));
        },
      ),
    );
  });

  it('keeps loads within the longest scenario of each other', () => {
    fc.assert(
      fc.property(
        ids.chain((all) => fc.tuple(...all.map((id) => fc.tuple(fc.constant(id), fc.integer({ min: 0, max: 1e6 }))))),
        shardCount,
        (entries, of) => {
          const ms = new Map(entries);
          const loads = loadsOf(dealShards([...ms.keys()], of, ms), ms);
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(0, ...ms.values()));
        },
      ),
    );
  });

  it('takes one that nobody has timed for one of middling length, and all alike when nothing is recorded', () => {
    const ms = new Map([
      ['long', 100],
      ['middle', 40],
      ['short', 1],
    ]);
    // 100 | 40 + 40 + 1
    expect(dealShards(['long', 'middle', 'short', 'new'], 2, ms)).toEqual([['long'], ['middle', 'new', 'short']]);
    expect(dealShards(['d', 'b', 'a', 'c', 'e'], 2)).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd'],
    ]);
  });
});
