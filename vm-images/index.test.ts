import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder as defaultCacheFolder } from './cache-folder.mjs';
import type { Recipe } from './bundle.ts';
import { ensureBundles } from './index.ts';
import { RECIPES } from './recipes.ts';

let cacheFolder: string;
beforeEach(async () => {
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'pxewright-cache-'));
});
afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

let built: string[];
beforeEach(() => {
  built = [];
});

function recipe(name: string, changes: Partial<Recipe> = {}): Recipe {
  return {
    name,
    what: `test recipe ${name}`,
    needs: [],
    sources: [],
    packages: [],
    build: async ({ folder }) => {
      built.push(name);
      await writeFile(path.join(folder, 'content'), `of ${name}`);
    },
    ...changes,
  };
}

describe('ensureBundles', () => {
  it('builds once, dependencies first, and then answers from the cache', async () => {
    const recipes = [recipe('base'), recipe('top/level', { needs: ['base'] })];
    const first = (await ensureBundles(['top/level'], { cacheFolder, recipes })).get('top/level');
    const second = (await ensureBundles(['top/level'], { cacheFolder, recipes })).get('top/level');
    expect(built).toEqual(['base', 'top/level']);
    expect(first?.builtNow).toBe(true);
    expect(second).toEqual({ ...first, builtNow: false });
    expect(second?.files).toEqual([
      { path: 'content', size: 12, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(await readFile(path.join(second?.folder ?? '', 'content'), 'utf8')).toBe('of top/level');
  });

  it('rebuilds when an input of a dependency changes', async () => {
    const recipes = (version: string) => [
      recipe('base', { resolve: () => Promise.resolve({ kernel: version }) }),
      recipe('top', { needs: ['base'] }),
    ];
    await ensureBundles(['top'], { cacheFolder, recipes: recipes('1') });
    const bundles = await ensureBundles(['top', 'base'], { cacheFolder, recipes: recipes('2') });
    expect(built).toEqual(['base', 'top', 'base', 'top']);
    expect(bundles.get('base')?.versions).toEqual({ kernel: '2' });
  });

  it('lets one of many builders build', async () => {
    const recipes = [recipe('shared')];
    const all = await Promise.all(Array.from({ length: 6 }, () => ensureBundles(['shared'], { cacheFolder, recipes })));
    expect(built).toEqual(['shared']);
    expect(all.filter((bundles) => bundles.get('shared')?.builtNow)).toHaveLength(1);
  });

  it('does not use what an interrupted build left, and removes it', async () => {
    const broken = recipe('fragile', {
      build: async ({ folder }) => {
        await writeFile(path.join(folder, 'half'), '');
        throw new Error('the disk is full');
      },
    });
    await expect(ensureBundles(['fragile'], { cacheFolder, recipes: [broken] })).rejects.toThrow(
      'bundle fragile: the disk is full',
    );
    const bundle = (await ensureBundles(['fragile'], { cacheFolder, recipes: [recipe('fragile')] })).get('fragile');
    expect(bundle?.files.map((file) => file.path)).toEqual(['content']);
    expect(await readdir(path.join(cacheFolder, 'building'))).toEqual([]);
  });

  it('names the recipes when one is unknown, and the packages when some are missing', async () => {
    await expect(ensureBundles(['nope'], { cacheFolder, recipes: [recipe('a'), recipe('b')] })).rejects.toThrow(
      'there is no recipe of that name; known: a, b',
    );
    const needy = recipe('needy', { packages: ['no-such-package-at-all'] });
    await expect(ensureBundles(['needy'], { cacheFolder, recipes: [needy] })).rejects.toThrow(
      'apt-get install no-such-package-at-all',
    );
  });
});

it.each(RECIPES.map((one) => [one.name, one]))('%s is made from sources that are there', (_, { sources }) => {
  expect(sources.filter((source) => !existsSync(path.join(import.meta.dirname, source)))).toEqual([]);
});

it('finds the cache by environment variables', () => {
  expect(defaultCacheFolder({ PXEWRIGHT_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(defaultCacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/pxewright');
  expect(defaultCacheFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/pxewright$/);
});
