import { openSync, closeSync } from 'node:fs';
import { replayCapture } from '../run/replay.ts';
import { exitCodeOf } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/** `pxewright replay`: the Result on standard output with --json, else steps and summary for a person. */
export async function replayCommand(capture: string, options: { readonly scenario?: string; readonly json?: boolean }): Promise<number> {
  assertReadable(capture);
  const plan = options.scenario === undefined ? undefined : await planFor(options.scenario);
  const result = await replayCapture(capture, plan);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return exitCodeOf(result.verdict);
  }
  // Loaded when a person reads: a program that replays many captures need not wait for it.
  const { createTerminalReporter } = await import('../../reports/terminal/terminal.ts');
  const reporter = createTerminalReporter({ files: false });
  for (const scenario of result.scenarios) {
    reporter.onScenarioBegin?.({ id: scenario.id, name: scenario.name, attempt: 1 });
    for (const client of scenario.clients) for (const step of client.steps) reporter.onStep?.({ scenario: scenario.id, client: client.name, step });
    reporter.onScenarioEnd?.(scenario);
  }
  await reporter.onRunEnd?.(result, '.');
  // What limits the verdict is said even when everything that could be judged has passed.
  for (const { why, verdict } of result.scenarios) if (why !== undefined && verdict === 'passed') process.stderr.write(`note: ${why}\n`);
  return exitCodeOf(result.verdict);
}

async function planFor(scenario: string) {
  const { loadPlans } = await import('./load-plans.ts');
  const [plan, ...others] = await loadPlans([scenario], {});
  if (!plan) throw new UsageError(`no scenario in ${scenario}`);
  if (others.length > 0) process.stderr.write(`replay: the matrix of ${scenario} has ${others.length + 1} points, judging by ${plan.id}\n`);
  return plan;
}

function assertReadable(file: string): void {
  try {
    closeSync(openSync(file, 'r'));
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
