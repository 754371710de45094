import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const COUNT = join(import.meta.dirname, 'testing/count-work.ts');

it.each([
  ['boots of one client', 'boots', 300],
  ['installations of one client', 'installations', 120],
  ['hosts that ask for an address', 'hosts', 1000],
  ['files of other names', 'files', 400],
  ['requests that nobody answers', 'requests', 500],
])('twice as many %s are twice the work, not four times', { timeout: 120_000 }, async (_, what, count) => {
  const args = ['10', count, 2 * count].map(String);
  const { stdout } = await execa('node', ['--no-opt', '--no-maglev', COUNT, what, ...args]);
  const [, some = 0, twice = 0] = stdout.split('\n').map(Number);
  expect(some).toBeGreaterThan(500_000);
  expect(twice / some).toBeLessThan(2.2);
});
