import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { BundleError } from './bundle.ts';
import type { Bundle, Recipe } from './bundle.ts';
import { entryName, lookUp, publish } from './bundle-cache.ts';
import { cacheFolder } from './cache-folder.mjs';
import { withLock } from './build-lock.ts';
import { readStatus, versionsIn } from './host-packages.ts';
import { domainRecipeNamed } from './recipes/domain.ts';
import { RECIPES } from './recipes.ts';

export { BundleError } from './bundle.ts';
export type { Bundle } from './bundle.ts';

/** Where bundles come from and who gets progress reports. */
export interface EnsureOptions {
  /** Default: `cacheFolder()`. */
  readonly cacheFolder?: string | undefined;
  /** One line per event, for a person who waits. */
  readonly onProgress?: (line: string) => void;
  /** Default: the recipes of this folder. */
  readonly recipes?: readonly Recipe[];
}

/** The bundles that VMs boot, by name: from the cache, or built now. Safe to call from many processes at once. */
export async function ensureBundles(
  names: readonly string[],
  options: EnsureOptions = {},
): Promise<ReadonlyMap<string, Bundle>> {
  const keeper = new Keeper(options);
  const bundles = new Map<string, Bundle>();
  for (const name of new Set(names)) bundles.set(name, await keeper.bundle(name));
  return bundles;
}

interface Inputs {
  readonly hash: string;
  readonly versions: Readonly<Record<string, string>>;
}

class Keeper {
  readonly #cacheFolder: string;
  readonly #progress: (line: string) => void;
  readonly #recipes: ReadonlyMap<string, Recipe>;
  readonly #status = readStatus();
  readonly #inputs = new Map<string, Promise<Inputs>>();

  constructor(options: EnsureOptions) {
    this.#cacheFolder = options.cacheFolder ?? cacheFolder();
    this.#progress = options.onProgress ?? (() => undefined);
    this.#recipes = new Map((options.recipes ?? RECIPES).map((recipe) => [recipe.name, recipe]));
  }

  async bundle(name: string): Promise<Bundle> {
    const { hash, versions } = await this.#inputsOf(name);
    return (await lookUp(this.#cacheFolder, name, hash)) ?? (await this.#build(this.#recipe(name), hash, versions));
  }

  async #build(recipe: Recipe, hash: string, versions: Readonly<Record<string, string>>): Promise<Bundle> {
    const { name } = recipe;
    requirePackages(recipe, await this.#status);
    const inputs = new Map<string, Bundle>();
    for (const need of recipe.needs) inputs.set(need, await this.bundle(need));
    await mkdir(path.join(this.#cacheFolder, 'locks'), { recursive: true });
    const lockFile = path.join(this.#cacheFolder, 'locks', entryName(name, hash));
    const waits = () => {
      this.#progress(`${name}: another process builds it, waiting`);
    };
    return withLock(lockFile, waits, async () => {
      const meanwhile = await lookUp(this.#cacheFolder, name, hash);
      if (meanwhile) return meanwhile;
      this.#progress(`${name}: building, since ${this.#cacheFolder} has no bundle with these inputs (${recipe.what})`);
      const startedAt = performance.now();
      const progress = (line: string) => {
        this.#progress(`${name}: ${line}`);
      };
      const bundle = await publish(this.#cacheFolder, name, hash, versions, (folder, scratch) =>
        recipe.build({ folder, scratch, inputs, versions, cacheFolder: this.#cacheFolder, progress }),
      ).catch((cause: unknown) => {
        throw cause instanceof BundleError
          ? cause
          : new BundleError(name, cause instanceof Error ? cause.message : String(cause), { cause });
      });
      const bytes = bundle.files.reduce((sum, file) => sum + file.size, 0);
      this.#progress(
        `${name}: built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${bundle.files.length} files, ${(bytes / 1e6).toFixed(1)} MB`,
      );
      return bundle;
    });
  }

  #inputsOf(name: string): Promise<Inputs> {
    const known = this.#inputs.get(name);
    if (known) return known;
    const found = this.#findInputs(this.#recipe(name));
    this.#inputs.set(name, found);
    return found;
  }

  async #findInputs(recipe: Recipe): Promise<Inputs> {
    const versions = {
      ...versionsIn(await this.#status, recipe.packages),
      ...(await recipe.resolve?.(this.#cacheFolder)),
    };
    const hash = createHash('sha256').update(JSON.stringify([recipe.name, recipe.parameters ?? {}, versions]));
    for (const source of recipe.sources) await hashSource(hash, path.join(import.meta.dirname, asInstalled(source)));
    for (const need of recipe.needs) hash.update((await this.#inputsOf(need)).hash);
    return { versions, hash: hash.digest('hex').slice(0, 16) };
  }

  #recipe(name: string): Recipe {
    // A scenario may choose any domain name, so the recipe of a domain is made from the bundle's name.
    const recipe = this.#recipes.get(name) ?? domainRecipeNamed(name);
    if (!recipe)
      throw new BundleError(name, `there is no recipe of that name; known: ${[...this.#recipes.keys()].join(', ')}`);
    return recipe;
  }
}

function requirePackages(recipe: Recipe, status: string): void {
  const versions = versionsIn(status, recipe.packages);
  const missing = recipe.packages.filter((name) => !(name in versions));
  if (missing.length > 0) {
    throw new BundleError(
      recipe.name,
      `needs packages that are not installed: ${missing.join(', ')}; install them with: apt-get install ${missing.join(' ')}`,
    );
  }
}

/** A source of a recipe as this program has it: an installed package has the JavaScript of a `.ts`. */
function asInstalled(source: string): string {
  return source.replace(/\.ts$/, path.extname(import.meta.filename));
}

async function hashSource(hash: ReturnType<typeof createHash>, source: string): Promise<void> {
  if ((await stat(source)).isDirectory()) {
    for (const entry of (await readdir(source)).sort()) await hashSource(hash, path.join(source, entry));
  } else {
    hash.update(path.relative(import.meta.dirname, source)).update(await readFile(source));
  }
}
