import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STEP_NAMES } from '../protocols/words.ts';
import { GENERATED_PAGES, withTables } from './generated-pages.ts';
import { PACKAGE_FOLDER } from './installation.ts';

describe('tables of the docs', () => {
  it.each(GENERATED_PAGES.map((page) => [relative(PACKAGE_FOLDER, page), page] as const))(
    'in %s are what the rooms declare (refresh them with `npm run schemas`)',
    async (_, page) => {
      const text = await readFile(page, 'utf8');
      expect(text).toContain('<!-- made from the declarations: ');
      expect(text).toBe(withTables(text));
    },
  );

  it('name every step, once', () => {
    const rows = withTables('<!-- made from the declarations: steps -->\n<!-- end -->').split('\n');
    const named = rows.flatMap((row) => /^\| `([a-z0-9.-]+)` \|/.exec(row)?.[1] ?? []);
    expect(named.toSorted()).toEqual(STEP_NAMES.toSorted());
  });
});
