import { ensureBundles } from '../../vm-images/index.ts';
import { RECIPES } from '../../vm-images/recipes.ts';
import { CHECK_STAGES } from './check.ts';
import { ensureRequirements } from './install.ts';
import { conclusion, runStages, vitestStage } from './stages.ts';

/** `npm test`: installs what the tests need, checks the code, then boots real clients in VMs. Returns the exit code. */
export async function selfTest(): Promise<number> {
  const say = ({ title, why, state, detail }: { title: string; why: string; state: string; detail?: string }): void => {
    if (state === 'start') process.stdout.write(`set-up: ${title}: ${why}\n`);
    else if (state === 'done' || state === 'failed')
      process.stdout.write(`set-up: ${title}: ${state}${detail ? ` (${detail})` : ''}\n`);
  };
  await ensureRequirements('test', say);
  // Side by side: the checks need no bundle, and a build mostly waits for downloads and single programs.
  const [checked] = await Promise.all([
    runStages(CHECK_STAGES),
    ensureBundles(
      RECIPES.map((recipe) => recipe.name),
      { onProgress: (line) => process.stdout.write(`set-up: ${line}\n`) },
    ),
  ]);
  const booted = await runStages([vitestStage('lab')]);
  const outcomes = [...checked, ...booted];
  process.stdout.write(conclusion(outcomes));
  return outcomes.every((outcome) => outcome.failed === 0) ? 0 : 1;
}
