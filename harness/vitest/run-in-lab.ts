import { resolve } from 'node:path';
import { newRunFolder, RUN_FILES, RUNS_FOLDER } from '../../reports/file-names.ts';
import { createHtmlReporter } from '../../reports/html/html.ts';
import { createResultFileReporter } from '../../reports/json.ts';
import { createLatestLinkReporter } from '../../reports/paths.ts';
import { multiplex } from '../../reports/multiplexer.ts';
import type { Plan } from '../plan/plan.ts';
import { runScenarios } from '../run/host/run-scenarios.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** Runs one plan in a lab on this host, with the evidence and reports of `pxewright run`. */
export async function runInLab(plan: Plan, { signal }: { readonly signal: AbortSignal }): Promise<ScenarioRun> {
  const runFolder = newRunFolder(resolve(RUNS_FOLDER));
  const { scenarios } = await runScenarios({
    selected: [{ plan }],
    runFolder,
    accel: 'auto',
    fullCapture: false,
    cold: false,
    workers: 1,
    retries: 0,
    reporter: multiplex([
      { name: 'result', reporter: createResultFileReporter() },
      { name: 'html', reporter: createHtmlReporter() },
      { name: 'latest', reporter: createLatestLinkReporter() },
    ]),
    signal,
  });
  const [result] = scenarios;
  if (result === undefined) throw new Error(`${plan.id}: expected one result, got none (evidence: ${runFolder})`);
  return { result, report: resolve(runFolder, RUN_FILES.html) };
}
