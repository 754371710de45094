import { ensureBundles, type Bundle } from '../../vm-images/index.ts';
import { ensureRequirements } from '../setup/install.ts';
import type { RunUses } from '../setup/requirements/run-uses.ts';

// What a command waits for before its own work, told line by line on standard error.

/** Installs what the host lacks for `purpose`, and what only some runs need and these use; or says who may. */
export async function setUp(purpose: 'run' | 'test', uses?: RunUses): Promise<void> {
  await ensureRequirements(
    purpose,
    ({ title, detail }) => process.stderr.write(`set-up: ${title}${detail ? `: ${detail}` : ''}\n`),
    uses,
  );
}

/** The bundles of these names, from the cache or built now. */
export function bundlesOf(names: readonly string[]): Promise<ReadonlyMap<string, Bundle>> {
  return ensureBundles(names, { onProgress: (line) => process.stderr.write(`${line}\n`) });
}
