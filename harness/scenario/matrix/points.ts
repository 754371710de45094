import { defined } from '../../../servers/service/defined.ts';
import { devicesOf } from '../schema/boot-order.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { AXES, type Axis } from './axes.ts';

export type Matrix = NonNullable<ScenarioContent['matrix']>;

/** One combination: parsed values by axis, only the axes that the matrix has. A boot order is a text, `disk,network`. */
export type MatrixPoint = Readonly<Partial<Record<Axis, string | number | boolean>>>;

/** A point's values as a client has them under the same keys. */
export function keysAt({ 'boot-order': order, ...others }: MatrixPoint): Partial<ScenarioContent['clients'][number]> {
  return {
    ...others,
    ...defined({ 'boot-order': order === undefined ? undefined : devicesOf(String(order)) }),
  } as Partial<ScenarioContent['clients'][number]>;
}

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
