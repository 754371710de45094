import type { ScenarioResult } from '../../../reports/result.ts';
import type { Plan } from '../../plan/plan.ts';
import { misfits } from '../../verdict/expectations/matching.ts';

/**
 * Line in the scenario's file of the expectation that was not met: the one that a failed step names, else the first one
 * of the same name, else the first one about the same file: a file that was refused was never transferred. Undefined where the file asks for no such step, and for a scenario in TypeScript.
 */
export function failedLine(
  plan: Pick<Plan, 'expectations' | 'clients'>,
  { clients }: Pick<ScenarioResult, 'clients'>,
): number | undefined {
  for (const client of clients.filter(({ verdict }) => verdict !== 'passed')) {
    const own = plan.clients.find(({ name }) => name === client.name)?.story?.expectations;
    const expectations = own ?? plan.expectations;
    for (const { step, expected, verdict, detail } of client.steps) {
      if (verdict !== 'failed' && verdict !== 'error') continue;
      const missed =
        expectations.find(({ source }) => expected?.includes(`(${source})`)) ??
        expectations.find((expectation) => expectation.step === step) ??
        expectations.find(({ with: { path } }) => path !== undefined && misfits({ ...detail }, { path }).length === 0);
      const line = /:(\d+):\d+$/.exec(missed?.source ?? '')?.[1];
      if (line !== undefined) return Number(line);
    }
  }
  return undefined;
}
