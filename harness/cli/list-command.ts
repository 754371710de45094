import { EXIT } from './exit-codes.ts';
import { listText } from './list-text.ts';
import { loadPlans } from './load-plans.ts';
import { matrixOf } from './usage-error.ts';

export interface ListCommandOptions {
  readonly json?: boolean;
  readonly matrix: readonly string[];
  readonly allowRoot?: readonly string[];
}

/** `pxewright list`: one line a plan, after matrix expansion, and what the matrices left out. */
export async function listCommand(files: readonly string[], options: ListCommandOptions): Promise<number> {
  const loaded = await loadPlans(files.length > 0 ? files : ['scenarios'], {
    matrix: matrixOf(options.matrix),
    allowRoots: options.allowRoot,
    allowPrograms: true,
  });
  const shown = loaded.plans.map(({ id, name, file, tags, matrix }) => ({ id, name, file, tags, matrix }));
  process.stdout.write(options.json ? `${JSON.stringify(shown, null, 2)}\n` : listText(loaded));
  return EXIT.passed;
}
