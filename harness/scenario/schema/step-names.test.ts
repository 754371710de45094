import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PHASE_NAMES, STEP_NAMES } from './step-names.ts';

const HARNESS = join(import.meta.dirname, '..', '..');

/** Step names that the machines' sources emit. */
async function emitted(): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const file of glob(['protocols/*/judge/*.ts', 'verdict/*.ts'], {
    cwd: HARNESS,
    exclude: ['**/*.test.ts'],
  })) {
    const source = await readFile(join(HARNESS, file), 'utf8');
    for (const [, name = ''] of source.matchAll(/\bstep: '([a-z0-9.-]+)'/g)) names.add(name);
  }
  return [...names].sort();
}

describe('the step vocabulary', () => {
  it('has every step that a machine can emit', async () => {
    const names = await emitted();
    expect(names.length).toBeGreaterThan(20);
    expect(
      names.filter((name) => !(STEP_NAMES as readonly string[]).includes(name)),
      'steps that are to be added to step-names.ts',
    ).toEqual([]);
  });

  it('has names that the Result takes for step names', () =>
    expect(STEP_NAMES.filter((name) => !/^[a-z0-9]+(\.[a-z0-9-]+)+$/.test(name))).toEqual([]));
});

it('phases that a scenario can give a budget to are phases that the machines know', async () => {
  const source = await readFile(join(HARNESS, 'protocols', 'base', 'judge', 'waits.ts'), 'utf8');
  expect(PHASE_NAMES.filter((phase) => !new RegExp(`^ {2}'?${phase}'?: `, 'm').test(source))).toEqual([]);
});
