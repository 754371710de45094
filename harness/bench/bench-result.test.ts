import { describe, expect, it } from 'vitest';
import { boundedRow, comparedRow, toldRow } from './bench-result.ts';

describe('bench rows', () => {
  it('takes the ratio pair by pair, and its median decides', () => {
    const pairs = [
      { ours: 22, theirs: 20 },
      { ours: 30, theirs: 30 },
      { ours: 21, theirs: 20 },
    ];
    expect(comparedRow('boot', 's', pairs, { atMost: 1.1 })).toEqual({
      what: 'boot',
      unit: 's',
      ours: 22,
      theirs: 20,
      ratio: { median: 1.05, min: 1, max: 1.1 },
      want: '<= 1.10',
      ok: true,
    });
    expect(comparedRow('boot', 's', pairs, { atMost: 1.04 }).ok).toBe(false);
    expect(comparedRow('replay', 'frames/s', [{ ours: 100, theirs: 11 }], { atLeast: 10 })).toMatchObject({
      want: '>= 10.00',
      ok: false,
    });
  });

  it('misses a bound when one value passes it', () => {
    expect(boundedRow('DISCOVER', 's', [0.2, 0.4], 0.5)).toMatchObject({ ours: 0.4, want: '<= 0.5 s', ok: true });
    expect(boundedRow('DISCOVER', 's', [0.2, 0.6], 0.5).ok).toBe(false);
  });

  it('compares a figure that stands alone with nothing', () =>
    expect(toldRow('decode', 'MB/s', [5])).toMatchObject({ ours: 5, theirs: null, ratio: null }));
});
