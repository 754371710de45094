import { plural } from '../../reports/text.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { tryScenarios, type LoadOutcome } from '../scenario/load-scenarios.ts';
import { formatPath, formatProblem, sayProblem, ScenarioError } from '../scenario/scenario-error.ts';
import { EXIT } from './exit-codes.ts';
import { findClashes, type Clash } from './load-plans.ts';
import { matrixOf } from './usage-error.ts';

export interface ValidateOptions {
  readonly json?: boolean;
  readonly matrix: readonly string[];
  readonly allowRoot?: readonly string[];
}

/** One thing that is wrong with a file, as `--json` shows it; without a line where the file has none. */
interface Finding {
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Path of the value, e.g. `services.pxe.bootfile`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly known?: readonly string[] | undefined;
}

/**
 * `pxewright validate`: everything that `run` would refuse, in all files, without starting or building anything. Findings
 * are what it is called for, so they go to standard output.
 */
export async function validateCommand(paths: readonly string[], options: ValidateOptions): Promise<number> {
  const outcomes = await tryScenarios(paths.length > 0 ? paths : ['scenarios'], {
    matrix: matrixOf(options.matrix),
    allowRoots: options.allowRoot,
    allowPrograms: true,
  });
  const plans = outcomes.map((outcome) => (outcome instanceof ScenarioError ? [] : planScenarios(outcome.scenario)));
  const clashes = findClashes(plans.flat());
  const findings = outcomes.map((outcome) => findingsOf(outcome, clashes));
  const count = findings.flat().length;
  if (options.json) {
    const files = outcomes.map(({ file }, index) => ({
      file,
      scenarios: (plans[index] ?? []).map(({ id }) => id),
      problems: findings[index] ?? [],
    }));
    process.stdout.write(`${JSON.stringify({ problems: count, files }, null, 2)}\n`);
  } else {
    const lines = outcomes.flatMap((outcome) =>
      outcome instanceof ScenarioError ? outcome.problems.map((problem) => formatProblem(outcome.file, problem)) : [],
    );
    const scenarios = plans.flat().length;
    const summary =
      count === 0
        ? `${plural(scenarios, 'scenario')} in ${plural(outcomes.length, 'file')}: no problems`
        : `${plural(count, 'problem')} in ${findings.filter((one) => one.length > 0).length} of ${plural(outcomes.length, 'file')}`;
    process.stdout.write(`${[...lines, ...clashes.map(({ says }) => says), summary].join('\n')}\n`);
  }
  return count === 0 ? EXIT.passed : EXIT.unusableInput;
}

function findingsOf(outcome: LoadOutcome, clashes: readonly Clash[]): Finding[] {
  if (!(outcome instanceof ScenarioError))
    return clashes.filter(({ file }) => file === outcome.file).map(({ says }) => ({ path: '', message: says }));
  return outcome.problems.map((problem) => ({
    line: problem.line,
    column: problem.column,
    path: formatPath(problem.path),
    message: sayProblem(problem),
    expected: problem.expected,
    got: problem.got,
    known: problem.known,
  }));
}
