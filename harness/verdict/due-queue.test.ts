import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

const operation = fc.record({
  item: fc.nat(9),
  dueUs: fc.oneof(fc.nat(1000), fc.constant(Infinity)),
  take: fc.boolean(),
});

it('knows the earliest deadline and finds all that have passed, however often each was set anew', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const queue = new DueQueue<number>();
      const wanted = new Map<number, number>();
      for (const { item, dueUs, take } of operations) {
        queue.set(item, dueUs);
        wanted.set(item, dueUs);
        expect(queue.earliestUs).toBeLessThanOrEqual(Math.min(...wanted.values()));
        if (!take || dueUs === Infinity) continue;
        const passed = [...wanted].filter(([, at]) => at < dueUs).map(([other]) => other);
        expect(new Set(queue.takeBefore(dueUs))).toEqual(new Set(passed));
        for (const other of passed) wanted.delete(other);
      }
    }),
  );
});
