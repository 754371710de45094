import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LONG_TESTS, longestFirst } from './longest-first.ts';
import { PACKAGE_FOLDER } from './installation.ts';

it('begins with the long files, and leaves the others in the order that they had', () => {
  const [longest = '', next = ''] = LONG_TESTS.map((path) => join(PACKAGE_FOLDER, path));
  expect(
    longestFirst(['/b.test.ts', next, '/a.test.ts', longest].map((moduleId) => ({ moduleId }))).map(
      ({ moduleId }) => moduleId,
    ),
  ).toEqual([longest, next, '/b.test.ts', '/a.test.ts']);
});

it.each(LONG_TESTS)('%s is there', (path) => {
  expect(existsSync(join(PACKAGE_FOLDER, path))).toBe(true);
});
