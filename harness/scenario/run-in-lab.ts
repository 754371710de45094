import { resolve } from 'node:path';
import type { Plan } from '../plan/plan.ts';
import type { ScenarioRun } from './vitest.ts';

/** Where evidence goes when nobody says otherwise; `pxewright run` has the same. */
const RUNS = 'reports/runs';

/**
 * Runs one plan in a lab on this host, with the evidence and reports of `pxewright run`. The stages behind this one are
 * loaded when they are called: whoever brings a runner of their own needs none of them.
 */
export async function runInLab(plan: Plan, { signal }: { readonly signal: AbortSignal }): Promise<ScenarioRun> {
  const [{ newRunFolder, runScenarios }, { multiplex }, { createResultFileReporter }, { createHtmlReporter }] = await Promise.all([
    import('../run/run-scenarios.ts'),
    import('../../reports/multiplexer.ts'),
    import('../../reports/json.ts'),
    import('../../reports/html/html.ts'),
  ]);
  const runFolder = newRunFolder(resolve(RUNS));
  const { scenarios } = await runScenarios({
    selected: [{ plan, repetition: 0 }],
    runFolder,
    accel: 'auto',
    fullCapture: false,
    workers: 1,
    retries: 0,
    reporter: multiplex([
      { name: 'result', reporter: createResultFileReporter() },
      { name: 'html', reporter: createHtmlReporter() },
    ]),
    signal,
  });
  const [result] = scenarios;
  if (result === undefined) throw new Error(`${plan.id}: expected one result, got none (evidence: ${runFolder})`);
  return { result, report: resolve(runFolder, 'report.html') };
}
