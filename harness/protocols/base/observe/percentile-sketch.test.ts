import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PercentileSketch } from './percentile-sketch.ts';

const exact = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((percent / 100) * values.length)) - 1] ?? 0;

describe('percentile sketch', () => {
  test('reports zeros when nothing was recorded', () => {
    expect(new PercentileSketch().rttUs()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
  });

  test('is within 1 % of the exact nearest-rank percentile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const sketch = new PercentileSketch();
          for (const value of values) sketch.record(value);
          const want = exact(values, percent);
          expect(Math.abs(sketch.percentile(percent) - want)).toBeLessThanOrEqual(want * 0.01);
          expect(sketch.rttUs().max).toBe(Math.max(...values));
        },
      ),
    );
  });

  test('values outside its range count as its ends', () => {
    const sketch = new PercentileSketch();
    sketch.record(-5);
    sketch.record(1e12);
    expect(sketch.percentile(1)).toBe(0);
    expect(sketch.rttUs().max).toBe(0xffff_ffff);
  });
});
