import { loadScenarios } from '../scenario/load-scenarios.ts';
import { planScenarios } from '../plan/scenarios.ts';
import type { Plan } from '../plan/plan.ts';

/** Scenario files and folders → Plans. All errors of all files come in one go; nothing has been started. */
export async function loadPlans(
  paths: readonly string[],
  matrix: Readonly<Record<string, readonly string[]>>,
): Promise<Plan[]> {
  const scenarios = await loadScenarios(paths, { matrix });
  return scenarios.flatMap((scenario) => planScenarios(scenario));
}
