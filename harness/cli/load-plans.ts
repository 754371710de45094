import type { LoadOptions } from '../scenario/load-scenario.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import { planScenarios } from '../plan/scenarios.ts';
import type { Plan } from '../plan/plan.ts';

/** Scenario files and folders → Plans. All errors of all files come in one go; nothing has been started. */
export async function loadPlans(paths: readonly string[], options: LoadOptions = {}): Promise<Plan[]> {
  const scenarios = await loadScenarios(paths, options);
  return scenarios.flatMap((scenario) => planScenarios(scenario));
}
