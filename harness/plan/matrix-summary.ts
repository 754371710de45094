import type { MatrixSummary, ScenarioResult } from '../../reports/result.ts';
import { expandMatrix } from '../scenario/matrix/expand-matrix.ts';
import { AXES } from '../scenario/matrix/axes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { matrixTexts, planId, scenarioId } from './ids.ts';
import type { Plan } from './plan.ts';

/** What a scenario's matrix comes to, in words and texts; undefined for a scenario without axes. */
export function matrixSummary(scenario: Scenario): MatrixSummary | undefined {
  const { matrix = {}, source } = scenario;
  const axes = AXES.flatMap((axis) => {
    const values = matrix[axis];
    return values === undefined
      ? []
      : [[axis, values.map((value) => matrixTexts({ [axis]: value })[axis] ?? '')] as const];
  });
  if (axes.length === 0) return undefined;
  const { points, bootable, leftOut } = expandMatrix(scenario);
  return {
    scenario: scenarioId(source.file, source.folder),
    axes: Object.fromEntries(axes),
    choose: matrix.choose ?? 'all',
    bootable,
    booted: points.length,
    leftOut: leftOut.map(({ values, why, points: combinations }) => ({
      values: matrixTexts(values),
      why,
      combinations,
    })),
  };
}

/** Those of the matrices of which some plan is a point. */
export function matricesOf(plans: readonly Plan[], matrices: readonly MatrixSummary[]): readonly MatrixSummary[] {
  return matrices.filter(({ scenario }) => plans.some(({ id, matrix }) => planId(scenario, matrix) === id));
}

/** The values of a plan's point of its matrix, as a result has them: nothing for a scenario without one. */
export function matrixValues({ matrix }: Pick<Plan, 'matrix'>): Pick<ScenarioResult, 'matrix'> {
  return Object.keys(matrix).length === 0 ? {} : { matrix: { ...matrix } };
}
