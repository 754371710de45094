import { describe, test } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import type { ScenarioResult } from '../../reports/result.ts';
import { describeFailure } from './describe-failure.ts';
import { planScenarios } from '../plan/scenarios.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';

/** How `describeScenarios` runs them. */
export interface DescribeOptions {
  /** Runs one plan. Default: in a lab on this host, as `pxewright run` does. */
  readonly runScenario?: (plan: Plan, context: { readonly signal: AbortSignal }) => Promise<ScenarioRun>;
  /** Only these values of matrix axes, as `--matrix` takes them. */
  readonly matrix?: Readonly<Record<string, readonly string[]>>;
  /** Which combinations of a matrix are booted, as `--matrix pairwise` says. */
  readonly choose?: 'all' | 'pairwise';
  /** Folders whose files scenarios may name, beside those in the folder of each, as `--allow-root` does. */
  readonly allowRoots?: readonly string[];
  /** Run the programs that scenarios bring, as `--allow-programs` does. */
  readonly allowPrograms?: boolean;
  /** Time of a test beyond its scenario's own timeout, for building what boots and for the lab; default ten minutes. */
  readonly marginMs?: number;
}

/** The first run builds the boot image: some minutes on a slow host. */
const MARGIN_MS = 600_000;

/**
 * Turns scenario files, or folders of them, into vitest tests: one for each scenario and matrix point. Paths are
 * relative to the working directory. A scenario that cannot be used fails the file with all of its errors, before
 * anything is booted.
 *
 * @example
 * import { describeScenarios } from 'pxewright/vitest';
 * await describeScenarios('scenarios/pxe');
 */
export async function describeScenarios(
  paths: string | readonly string[],
  options: DescribeOptions = {},
): Promise<void> {
  const scenarios = await loadScenarios([paths].flat(), {
    matrix: { axes: options.matrix, choose: options.choose },
    allowRoots: options.allowRoots,
    allowPrograms: options.allowPrograms,
  });
  // Imported only where it is used: a caller with a runner of its own needs no code that runs a lab.
  const runScenario = options.runScenario ?? (await import('./run-in-lab.ts')).runInLab;
  for (const scenario of scenarios) {
    const plans = planScenarios(scenario);
    describe(scenario.name, () => {
      for (const plan of plans) {
        test(plan.id, { timeout: plan.timeoutMs + (options.marginMs ?? MARGIN_MS) }, async ({ signal, skip }) => {
          const { result, report } = await runScenario(plan, { signal });
          if (result.verdict === 'skipped') skip(result.why ?? 'the run gave no reason');
          if (result.verdict !== 'passed') throw new ScenarioFailure(result, report);
        });
      }
    });
  }
}

/** A scenario that did not pass: its message is the failed step, its data the whole result. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  readonly result: ScenarioResult;
  readonly report: string | undefined;
  constructor(result: ScenarioResult, report?: string) {
    super(describeFailure(result, report));
    this.result = result;
    this.report = report;
  }
}
