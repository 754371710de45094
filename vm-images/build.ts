import { Command } from 'commander';
import { BundleError, ensureBundles } from './index.ts';
import { RECIPES } from './recipes.ts';

const program = new Command('vm-images/build')
  .description('Builds what VMs boot into the cache, or shows where it already is')
  .argument('[NAME...]', 'bundles to build; all of them by default')
  .option('--list', 'name the recipes and build nothing')
  .option('--cache <folder>', 'default: $PXEWRIGHT_CACHE, $XDG_CACHE_HOME/pxewright or ~/.cache/pxewright')
  .parse();

const { list, cache } = program.opts<{ list?: true; cache?: string }>();
const names = program.args.length > 0 ? program.args : RECIPES.map((recipe) => recipe.name);

if (list) {
  for (const recipe of RECIPES) console.log(`${recipe.name.padEnd(32)} ${recipe.what}`);
} else {
  try {
    const bundles = await ensureBundles(names, {
      cacheFolder: cache,
      onProgress: (line) => {
        console.error(line);
      },
    });
    for (const bundle of bundles.values())
      console.log(`${bundle.name.padEnd(32)} ${bundle.builtNow ? 'built ' : 'cached'} ${bundle.folder}`);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
