import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/**
 * Programs that a scenario would run, when the user did not allow them. They run as the user does, on the user's files:
 * a scenario from a stranger must not choose them.
 */
export function checkAllowedPrograms({ services }: ScenarioContent, allowed: boolean): Problem[] {
  const names = (services.programs ?? []).map(({ name }) => name);
  if (allowed || names.length === 0) return [];
  const expected = '--allow-programs (allowPrograms in describeScenarios)';
  return [
    {
      path: ['services', 'programs'],
      expected,
      got: 'neither',
      says: `the scenario runs programs on this host (${names.join(', ')}), with your rights and on your files: if you trust it, add ${expected}`,
    },
  ];
}
