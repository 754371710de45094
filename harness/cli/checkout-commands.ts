import type { Command } from 'commander';
import { finish } from './finish.ts';

/** Commands that only a checkout has: its benches, its tests, and what npm runs when it packs. */
export function addCheckoutCommands(program: Command): void {
  program
    .command('bench', { hidden: true })
    .description('compare with bare tools, alternating in one call')
    .argument('[names...]', 'benches; default: all')
    .option('--json', 'machine-readable')
    .action(async (names: string[], options: { json?: boolean }) =>
      finish((await import('./bench-command.ts')).benchCommand(names, options)),
    );

  program
    .command('self-test', { hidden: true })
    .description("set up and run all of pxewright's own tests (npm test)")
    .action(async () => finish((await import('../setup/self-test.ts')).selfTest()));

  program
    .command('package', { hidden: true })
    .description('compile what npm pack puts into the package in FOLDER')
    .argument('<folder>', 'folder of a package.json, relative to the project')
    .option('--clean', 'remove it again')
    .action(async (folder: string, options: { clean?: boolean }) =>
      finish((await import('./package-command.ts')).packageCommand(folder, options)),
    );
}
