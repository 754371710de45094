import { EXIT } from './exit-codes.ts';
import { loadPlans } from './load-plans.ts';

export interface ListCommandOptions {
  readonly json?: boolean;
  readonly allowRoot?: readonly string[];
}

/** `pxewright list`: one line a plan, after matrix expansion. */
export async function listCommand(files: readonly string[], options: ListCommandOptions): Promise<number> {
  const plans = await loadPlans(files.length > 0 ? files : ['scenarios'], {
    allowRoots: options.allowRoot,
    allowPrograms: true,
  });
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(
        plans.map(({ id, name, file, tags, matrix }) => ({ id, name, file, tags, matrix })),
        null,
        2,
      )}\n`,
    );
    return EXIT.passed;
  }
  const width = Math.max(...plans.map((plan) => plan.id.length));
  for (const plan of plans)
    process.stdout.write(
      `${plan.id.padEnd(width)}  ${plan.name}${plan.tags.length > 0 ? `  [${plan.tags.join(', ')}]` : ''}\n`,
    );
  return EXIT.passed;
}
