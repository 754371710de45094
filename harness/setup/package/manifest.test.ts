import { describe, expect, it } from 'vitest';
import { typedSources, withResolvedImports } from './manifest.ts';

describe('a packed module', () => {
  const imports = { '#wrapper': './harness/wrapper/src/index.ts', '#wrapper/more': './harness/wrapper/src/more.ts' };

  it.each([
    [`import { a } from '#wrapper';`, `import { a } from '../wrapper/src/index.js';`],
    [`export type { A } from "#wrapper/more";`, `export type { A } from "../wrapper/src/more.js";`],
    [`const { a } = await import('#wrapper');`, `const { a } = await import('../wrapper/src/index.js');`],
    [`declare const a: import("#wrapper").A;`, `declare const a: import("../wrapper/src/index.js").A;`],
    [`import { a } from '#other';`, `import { a } from '#other';`],
    [`import { a } from './near.js';`, `import { a } from './near.js';`],
  ])('%s becomes %s', (text, expected) => {
    expect(withResolvedImports(text, 'harness/run/module.js', imports)).toBe(expected);
  });

  it('has declarations where its package exports types', () => {
    const exports = { '.': { types: './dist/a/b.d.ts', default: './dist/a/b.js' }, './c.json': './c.json' };
    expect(typedSources({ exports })).toEqual(['a/b.ts']);
  });
});
