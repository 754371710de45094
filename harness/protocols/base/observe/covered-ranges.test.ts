import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CoveredRanges } from './covered-ranges.ts';

test('counts each byte once, in whatever order and overlap it was read', () => {
  const read = fc.record({ start: fc.nat(300), length: fc.nat(40) });
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), (reads) => {
      const ranges = new CoveredRanges();
      const bytes = new Set<number>();
      for (const { start, length } of reads) {
        ranges.add(start, length);
        for (let at = start; at < start + length; at++) bytes.add(at);
        expect(ranges.bytes).toBe(bytes.size);
      }
      for (const { start, length } of reads)
        expect(ranges.within(start - 7, start + length + 5)).toBe(
          [...bytes].filter((at) => at >= start - 7 && at < start + length + 5).length,
        );
    }),
  );
});

test('says nothing about a file that was read in thousands of separate pieces', () => {
  const ranges = new CoveredRanges();
  for (let at = 0; at < 5000; at++) ranges.add(at * 2, 1);
  expect(ranges.bytes).toBeUndefined();
});
