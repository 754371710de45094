import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const COUNT = join(import.meta.dirname, 'testing/count-work.ts');

it('twice as many boots of one client are twice the work, not four times', { timeout: 120_000 }, async () => {
  const { stdout } = await execa('node', ['--no-opt', '--no-maglev', COUNT, '10', '300', '600']);
  const [, some = 0, twice = 0] = stdout.split('\n').map(Number);
  expect(some).toBeGreaterThan(1_000_000);
  expect(twice / some).toBeLessThan(2.1);
});
