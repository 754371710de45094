import { ensureBundles } from '../../vm-images/index.ts';
import { RECIPES } from '../../vm-images/recipes.ts';
import { SOURCE_CHECKS, UNIT_TESTS } from './check.ts';
import { ensureRequirements } from './install.ts';
import { conclusion, runStages, vitestStage, type Stage } from './stages.ts';

const ALL_BUNDLES = RECIPES.map(({ name }) => name);

/**
 * Whether this host can have labs, and by which accelerator its VMs run. The canary boot that decides it may keep a core busy for many
 * seconds: once, beside what computes anyway, and not in each of the first runs of the lab tests.
 */
const DOCTOR: Stage = { title: 'doctor', command: ['node', 'harness/cli/bootstrap.mjs', 'doctor', '--tests'] };

/** `npm test`: installs what the tests need, checks the code, then boots real clients in VMs. Returns the exit code. */
export async function selfTest(): Promise<number> {
  const say = ({ title, why, state, detail }: { title: string; why: string; state: string; detail?: string }): void => {
    if (state === 'start') process.stdout.write(`set-up: ${title}: ${why}\n`);
    else if (state === 'done' || state === 'failed')
      process.stdout.write(`set-up: ${title}: ${state}${detail ? ` (${detail})` : ''}\n`);
  };
  // What waits for downloads and for dpkg goes beside what computes.
  const required = ensureRequirements('test', say);
  const [checked, tested] = await Promise.all([
    runStages(SOURCE_CHECKS),
    required.then(() => runStages([DOCTOR, UNIT_TESTS])),
    required.then(() =>
      ensureBundles(ALL_BUNDLES, { onProgress: (line) => process.stdout.write(`set-up: ${line}\n`) }),
    ),
  ]);
  const booted = await runStages([vitestStage('lab')]);
  const outcomes = [...checked, ...tested, ...booted];
  process.stdout.write(conclusion(outcomes));
  return outcomes.every((outcome) => outcome.failed === 0) ? 0 : 1;
}
