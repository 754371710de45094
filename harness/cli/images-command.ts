import { RECIPES } from '../../vm-images/recipes.ts';
import { EXIT } from './exit-codes.ts';
import { assertCacheCanBeMade } from './out-folder.ts';
import { bundlesOf, setUp } from './set-up.ts';
import { UsageError } from './usage-error.ts';

export interface ImagesCommandOptions {
  readonly list?: boolean;
  /** Print the folders alone, one a line: for `$(…)` in a shell. */
  readonly folder?: boolean;
}

/** `pxewright images`: builds what the VMs boot, or finds it in the cache. */
export async function imagesCommand(names: readonly string[], options: ImagesCommandOptions): Promise<number> {
  const known = RECIPES.map((recipe) => recipe.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `unknown bundle ${unknown.map((name) => `"${name}"`).join(', ')} (known: ${known.join(', ')})`,
    );
  if (options.list) {
    process.stdout.write(`${known.join('\n')}\n`);
    return EXIT.passed;
  }
  await assertCacheCanBeMade();
  const wanted = names.length > 0 ? names : known;
  await setUp('run', { firmwares: [], services: [], devices: [], bundles: wanted });
  const bundles = await bundlesOf(wanted);
  for (const bundle of bundles.values()) {
    if (options.folder) {
      process.stdout.write(`${bundle.folder}\n`);
      continue;
    }
    const bytes = bundle.files.reduce((sum, file) => sum + file.size, 0);
    process.stdout.write(
      `${bundle.name.padEnd(24)} ${bundle.hash.slice(0, 12)}  ${(bytes / 2 ** 20).toFixed(1).padStart(7)} MiB  ${bundle.folder}\n`,
    );
  }
  return EXIT.passed;
}
