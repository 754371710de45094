import { defined } from '../../../servers/service/defined.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

export type Matrix = NonNullable<ScenarioContent['matrix']>;

/** Axes of a matrix in the order that ids name them. */
export const AXES = [
  'firmware',
  'nic',
  'transport',
  'memory',
  'cpus',
  'disk',
  'machine',
  'disk-interface',
  'disk-block-size',
  'boot-program',
] as const;
export type Axis = (typeof AXES)[number];

/** One combination: parsed values by axis, only the axes that the matrix has. */
export type MatrixPoint = Readonly<Partial<Record<Axis, string | number>>>;

/** Every combination of the axes, the first axis varying slowest. Without axes there is one empty point. */
export function allPoints(matrix: Matrix): readonly MatrixPoint[] {
  return AXES.reduce<MatrixPoint[]>(
    (sofar, axis) => {
      const values = matrix[axis];
      return values === undefined
        ? sofar
        : sofar.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
    },
    [{}],
  );
}

/** The first of a scenario's own exclusions that leaves a point out. */
export function exclusionOf(point: MatrixPoint, { exclude = [] }: Matrix): MatrixPoint | undefined {
  const found = exclude.find((exclusion) =>
    AXES.every((axis) => exclusion[axis] === undefined || exclusion[axis] === point[axis]),
  );
  return found && defined(found);
}
