import { expect, it } from 'vitest';
import { valueOf } from './selected-lab.ts';

it.each([
  [['list', '--store', 'a'], 'a'],
  [['list', '--store=a'], 'a'],
  [['list', '--store', 'a', '--store=b'], 'b'],
  [['list', '--store=b', '--store', 'a', '--json'], 'a'],
  [['list', '--storeroom', 'a'], undefined],
  [['show', '--', '--store=a'], undefined],
  [['show', '--store'], undefined],
])('the value of --store in %j is %j, as commander takes it', (args, expected) => {
  expect(valueOf(args, '--store')).toBe(expected);
});
