import type { ScenarioContent } from './schema/scenario.ts';

type Matrix = NonNullable<ScenarioContent['matrix']>;

/** Axes of a matrix in the order that ids name them. */
export const AXES = ['firmware', 'nic', 'memory', 'cpus', 'disk'] as const;
type Axis = (typeof AXES)[number];

/** One combination: parsed values by axis, only the axes that the matrix has. */
export type MatrixPoint = Readonly<Partial<Record<Axis, string | number>>>;

/**
 * Every combination of the axes but the excluded ones, the first axis varying slowest. Without axes there is one empty
 * point.
 */
export function matrixPoints(matrix: Matrix): readonly MatrixPoint[] {
  const points = AXES.reduce<MatrixPoint[]>(
    (sofar, axis) => {
      const values = matrix[axis];
      return values === undefined
        ? sofar
        : sofar.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
    },
    [{}],
  );
  return points.filter(
    (point) =>
      !(matrix.exclude ?? []).some((exclusion) =>
        AXES.every((axis) => exclusion[axis] === undefined || exclusion[axis] === point[axis]),
      ),
  );
}
