import { evidenceName } from '../../reports/file-names.ts';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import { planScenarios } from '../plan/scenarios.ts';
import type { Plan } from '../plan/plan.ts';
import { UsageError } from './usage-error.ts';

/** Scenario files and folders → Plans. All errors of all files come in one go; nothing has been started. */
export async function loadPlans(paths: readonly string[], options: LoadOptions = {}): Promise<Plan[]> {
  const scenarios = await loadScenarios(paths, options);
  const plans = scenarios.flatMap((scenario) => planScenarios(scenario));
  assertDistinct(plans);
  return plans;
}

/**
 * Refuses scenarios that a result could not tell apart. Repeats, retries, shards, comparisons and `--last-failed` know a
 * scenario by its id, so a suffix that only a run folder has would not help: two files with one id are a mistake. Two
 * ids that make one folder name would overwrite each other's captures.
 */
function assertDistinct(plans: readonly Plan[]): void {
  const byId = new Map<string, Plan>();
  const byFolder = new Map<string, Plan>();
  for (const plan of plans) {
    const folder = evidenceName({ id: plan.id, attempt: 1 });
    const namesake = byId.get(plan.id);
    if (namesake)
      throw new UsageError(
        `expected an id for each scenario, got "${plan.id}" for ${namesake.file} and for ${plan.file}: an id is a file's path below the last folder called "scenarios", elsewhere its folder and its name, without ending; rename one of them, or run them apart`,
      );
    const neighbour = byFolder.get(folder);
    if (neighbour)
      throw new UsageError(
        `expected a folder for each scenario, got "${folder}" for "${neighbour.id}" (${neighbour.file}) and for "${plan.id}" (${plan.file}): rename one of them, or run them apart`,
      );
    byId.set(plan.id, plan);
    byFolder.set(folder, plan);
  }
}
