import { expect, it } from 'vitest';
import { checkAllowedFolders } from '../scenario/checks/allowed-folders.ts';
import { scenarioFrom } from '../scenario/define-scenario.ts';
import { planScenarios } from './scenarios.ts';
import { EVERY_KEY } from './testing/every-key.ts';

// Whatever file of the host a Plan names, a scenario named it, and was asked whether it may.

it('each file or folder of the host that a plan names is one that a scenario may name only below its own folder', async () => {
  const named = await Promise.all(
    EVERY_KEY.map(async (value) => {
      const outside = JSON.parse(JSON.stringify(value).replaceAll('"./', '"../outside/')) as unknown;
      const scenario = scenarioFrom(outside, '/nowhere/own/x.yaml', '/nowhere/own');
      const planned = planScenarios(scenario).flatMap(
        (plan) => JSON.stringify(plan).match(/\/nowhere\/outside[^"]*/g) ?? [],
      );
      const { problems } = await checkAllowedFolders(scenario, []);
      const refused = problems.map(({ got }) => got);
      expect(planned.filter((path) => !refused.some((one) => path === one || path.startsWith(`${one}/`)))).toEqual([]);
      return new Set(planned).size;
    }),
  );
  expect(Math.max(...named)).toBeGreaterThan(3);
});
