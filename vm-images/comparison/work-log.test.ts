import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { workIn } from './work-log.ts';

const record = (number: number): string => {
  const text = `${number} cGF5bG9hZA==`;
  return `${createHash('md5').update(text).digest('hex')} ${text}\n`;
};
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const log = (count: number): string => numbers(count).map(record).join('');
const index = (count: number): string =>
  numbers(count)
    .map((number) => `${number}\n`)
    .join('');
const HELD = { held: true };

describe('what a disk has of the work of its guest', () => {
  it('is some first records, and an index that says all of them or all but the last', () => {
    expect(workIn(log(12), index(12), HELD)).toEqual({ records: 12, problems: [] });
    expect(workIn(log(12), index(11), HELD)).toEqual({ records: 12, problems: [] });
    expect(workIn('', '', HELD)).toEqual({ records: 0, problems: [] });
  });

  it('has an index that says more than the log, when the order of writing was lost', () => {
    expect(workIn(log(11), index(12), HELD).problems).toEqual(['the index says 12 records, and the log has 11']);
    expect(workIn(log(12), index(9), HELD).problems).toEqual(['the log has 12 records, and the index says 9']);
    expect(workIn(log(2), '1\n3\n', HELD).problems).toEqual(["the index's line 2 does not say 2"]);
  });

  it('may end in the middle of a record only where the guest was not held still', () => {
    const cut = log(3) + record(4).slice(0, 20);
    expect(workIn(cut, index(3), HELD)).toEqual({ records: 3, problems: ['the log ends in the middle of record 4'] });
    expect(workIn(cut, index(3), { held: false })).toEqual({ records: 3, problems: [] });
  });

  it.each([
    ['a record is missing', record(1) + record(3)],
    ['a byte is another one', record(1) + record(2).replace('cG', 'cH')],
    ['zeros are in its place', `${record(1)}${'\0'.repeat(40)}\n`],
  ])('ends where %s', (_, damaged) => {
    expect(workIn(damaged, index(1), HELD)).toEqual({
      records: 1,
      problems: ["the log's line 2 is no record 2 with its checksum"],
    });
  });
});
