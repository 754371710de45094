import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runsToRemove, type PrunableRun } from './prune.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const run = (daysAgo: number, bytes = 10, goingOn = false): PrunableRun => ({
  startedMs: NOW - daysAgo * DAY_MS,
  bytes,
  goingOn,
});
const ages = (runs: readonly PrunableRun[]): number[] => runs.map(({ startedMs }) => (NOW - startedMs) / DAY_MS);

test('each criterion removes by itself, the oldest first', () => {
  const runs = [run(3), run(1), run(9), run(5)];
  expect(ages(runsToRemove(runs, { olderThanMs: 4 * DAY_MS }, NOW))).toEqual([9, 5]);
  expect(ages(runsToRemove(runs, { keep: 1 }, NOW))).toEqual([9, 5, 3]);
  expect(ages(runsToRemove(runs, { maxBytes: 30 }, NOW))).toEqual([9]);
  expect(ages(runsToRemove(runs, { olderThanMs: 6 * DAY_MS, keep: 2 }, NOW))).toEqual([9, 5]);
  expect(runsToRemove(runs, {}, NOW)).toEqual([]);
});

test('an older run is not kept in place of a newer one that is too large', () => {
  expect(ages(runsToRemove([run(1, 10), run(2, 100), run(3, 10)], { maxBytes: 50 }, NOW))).toEqual([3, 2]);
});

test('a run that is going on stays, and its bytes count', () => {
  const runs = [run(9, 30, true), run(2), run(1)];
  expect(ages(runsToRemove(runs, { keep: 0, olderThanMs: 0, maxBytes: 0 }, NOW))).toEqual([2, 1]);
  expect(ages(runsToRemove(runs, { maxBytes: 40 }, NOW))).toEqual([2]);
});

test('what is left meets every criterion, and nothing more is removed than they ask for', () => {
  const runs = fc.array(
    fc.record({
      startedMs: fc.integer({ min: 0, max: NOW }),
      bytes: fc.integer({ min: 0, max: 99 }),
      goingOn: fc.boolean(),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(runs, fc.nat(20), fc.nat(500), fc.nat(NOW), (all, keep, maxBytes, olderThanMs) => {
      const removed = runsToRemove(all, { keep, maxBytes, olderThanMs }, NOW);
      const left = all.filter((one) => !removed.includes(one));
      const mayGo = left.filter(({ goingOn }) => !goingOn);
      expect(removed.some(({ goingOn }) => goingOn)).toBe(false);
      if (mayGo.length > 0) {
        expect(left.length).toBeLessThanOrEqual(Math.max(keep, left.length - mayGo.length + keep));
        expect(left.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(maxBytes);
      }
      for (const { startedMs } of mayGo) expect(NOW - startedMs).toBeLessThanOrEqual(olderThanMs);
    }),
  );
});
