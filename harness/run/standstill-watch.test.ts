import { expect, it } from 'vitest';
import { watchForStandstills } from './standstill-watch.ts';

it('tells the time between two looks where nobody looked for long, and not that of a late one', () => {
  const told: unknown[] = [];
  let nowMs = 1_000_000;
  const watch = watchForStandstills(
    (span) => told.push(span),
    () => nowMs,
  );
  const later = (ms: number): void => {
    nowMs += ms;
    watch.look();
  };
  for (const ms of [200, 200, 1400, 200]) later(ms);
  expect(told).toEqual([]);
  later(58_000);
  later(200);
  // A clock that is set back stands still for nobody.
  later(-90_000);
  later(200);
  expect(told).toEqual([{ fromUs: 1_002_000_000, toUs: 1_060_000_000 }]);
});
