import { describe, expect, it } from 'vitest';
import { matrixOf, regexOf, shardOf, wholeNumber } from './usage-error.ts';

describe('option values', () => {
  it('says what was expected and what came', () => {
    expect(() => wholeNumber('--workers', '0', 1, 256)).toThrow(
      '--workers: expected a whole number from 1 to 256, got "0"',
    );
    expect(() => wholeNumber('--repeat', 'two', 1, 9)).toThrow('got "two"');
    expect(() => shardOf('3/2')).toThrow('--shard: expected i/n with 1 ≤ i ≤ n, such as 2/3, got "3/2"');
    expect(() => matrixOf(['nic'])).toThrow(
      '--matrix: expected axis=value, such as nic=e1000, or all or pairwise, got "nic"',
    );
    expect(() => matrixOf(['all', 'pairwise'])).toThrow('--matrix: expected one of all and pairwise, got both');
    expect(() => regexOf('--grep', '(')).toThrow('--grep: expected a regular expression, got "("');
  });

  it('keeps all values of an axis', () => {
    expect(matrixOf(['nic=e1000', 'nic=rtl8139', 'memory=1GiB'])).toEqual({
      axes: { nic: ['e1000', 'rtl8139'], memory: ['1GiB'] },
    });
    expect(matrixOf(['pairwise', 'cpus=2'])).toEqual({ axes: { cpus: ['2'] }, choose: 'pairwise' });
    expect(shardOf('2/3')).toEqual({ n: 2, of: 3 });
    expect(wholeNumber('--workers', '4', 1, 256)).toBe(4);
  });
});
