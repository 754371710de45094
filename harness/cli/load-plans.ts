import { evidenceName } from '../../reports/file-names.ts';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import type { MatrixSummary } from '../../reports/result.ts';
import { matrixSummary } from '../plan/matrix-summary.ts';
import { planScenarios } from '../plan/scenarios.ts';
import type { Plan } from '../plan/plan.ts';
import { UsageError } from './usage-error.ts';

/** What a command line names, ready to be booted. */
export interface LoadedPlans {
  readonly plans: readonly Plan[];
  /** What became of the matrices that they come from. */
  readonly matrices: readonly MatrixSummary[];
}

/** Scenario files and folders → Plans. All errors of all files come in one go; nothing has been started. */
export async function loadPlans(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedPlans> {
  const scenarios = await loadScenarios(paths, options);
  const plans = scenarios.flatMap((scenario) => planScenarios(scenario));
  const clashes = findClashes(plans);
  if (clashes.length > 0) throw new UsageError(clashes.map(({ says }) => says).join('\n'));
  return { plans, matrices: scenarios.flatMap((scenario) => matrixSummary(scenario) ?? []) };
}

/** Two files that a result could not tell apart; `file` is the later one. */
export interface Clash {
  readonly file: string;
  readonly says: string;
}

/**
 * Scenarios that a result could not tell apart. Repeats, retries, shards, comparisons and `--last-failed` know a
 * scenario by its id, so a suffix that only a run folder has would not help: two files with one id are a mistake. Two
 * ids that make one folder name would overwrite each other's captures.
 */
export function findClashes(plans: readonly Plan[]): Clash[] {
  const byId = new Map<string, Plan>();
  const byFolder = new Map<string, Plan>();
  return plans.flatMap((plan): Clash[] => {
    const folder = evidenceName({ id: plan.id, attempt: 1 });
    const namesake = byId.get(plan.id);
    const neighbour = byFolder.get(folder);
    if (namesake === undefined) byId.set(plan.id, plan);
    if (neighbour === undefined) byFolder.set(folder, plan);
    const says = namesake
      ? `expected an id for each scenario, got "${plan.id}" for ${namesake.file} and for ${plan.file}: an id is a file's path below the last folder called "scenarios", elsewhere its folder and its name, without ending; rename one of them, or run them apart`
      : neighbour &&
        `expected a folder for each scenario, got "${folder}" for "${neighbour.id}" (${neighbour.file}) and for "${plan.id}" (${plan.file}): rename one of them, or run them apart`;
    return says === undefined ? [] : [{ file: plan.file, says }];
  });
}
