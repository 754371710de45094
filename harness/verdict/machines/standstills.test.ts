import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Standstills } from './standstills.ts';

const after = (spans: readonly (readonly [from: number, to: number])[]): Standstills => {
  const still = new Standstills();
  for (const [fromUs, toUs] of spans) still.add({ fromUs, toUs });
  return still;
};

describe('a wait', () => {
  it.each([
    ['ends when it should where the host always ran', [], 110],
    ['does not count a standstill in its time', [[105, 165]], 170],
    ['does not count the rest of one in which it began', [[90, 130]], 140],
    ['counts nothing that was over before it began', [[50, 99]], 110],
    ['counts nothing that came after its end', [[111, 150]], 110],
    [
      'goes on into a second one',
      [
        [105, 165],
        [168, 268],
      ],
      270,
    ],
    [
      'takes them in their order, whenever they were told',
      [
        [168, 268],
        [105, 165],
      ],
      270,
    ],
    ['takes no damage from one that goes backwards', [[105, 100]], 110],
  ] as const)('%s', (_, spans, dueUs) => expect(after(spans).dueAfter(100, 10)).toBe(dueUs));

  it('has as much running time as is allowed, whatever stood still', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 100 })), { maxLength: 8 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (lengths, since, wait) => {
          // Apart from each other, as one clock tells them.
          let at = 0;
          const spans = lengths.map(([gap, length]) => {
            const from = at + gap + 1;
            at = from + length;
            return [from, at] as const;
          });
          const due = after(spans).dueAfter(since, wait);
          let running = 0;
          for (let now = since; now < due; now += 1)
            if (!spans.some(([from, to]) => now >= from && now < to)) running += 1;
          expect(running).toBe(wait);
        },
      ),
    ));
});
