import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { AXES, type Axis } from './axes.ts';
import { impossibilities } from './impossible.ts';
import { machinesAt, type Impossible, type Machine } from './machine.ts';
import { pairwisePoints } from './pairwise.ts';
import { allPoints, exclusionOf, type MatrixPoint } from './points.ts';

/** A combination of values that is not booted, however often it occurs in the matrix. */
export interface LeftOut {
  /** The values that decide it, by axis. */
  readonly values: MatrixPoint;
  readonly why: string;
  /** How many points of the matrix it takes away. */
  readonly points: number;
}

/** What becomes of the points of a matrix. */
export interface Expansion {
  /** Points that are booted. */
  readonly points: readonly MatrixPoint[];
  /** How many points could boot; more than are booted where the matrix chooses. */
  readonly bootable: number;
  readonly leftOut: readonly LeftOut[];
  /** VMs that cannot boot, where no other point of the matrix makes up for it. */
  readonly problems: readonly Problem[];
}

/** A VM that cannot boot at a point. */
interface Obstacle extends Impossible {
  readonly machine: Machine;
  readonly point: MatrixPoint;
}

/**
 * The points of a scenario's matrix that can boot. A point is left out by an exclusion of the scenario, or because its
 * values do not go together: then each of them is booted in another point, or it is a mistake, and a problem.
 */
export function expandMatrix(content: ScenarioContent): Expansion {
  const { matrix = {} } = content;
  const left = new Map<string, LeftOut>();
  const leaveOut = (values: MatrixPoint, why: string): void => {
    const key = JSON.stringify([values, why]);
    left.set(key, { values, why, points: (left.get(key)?.points ?? 0) + 1 });
  };
  const points: MatrixPoint[] = [];
  const impossible: Obstacle[][] = [];
  for (const point of allPoints(matrix)) {
    const exclusion = exclusionOf(point, matrix);
    if (exclusion) {
      leaveOut(exclusion, 'the scenario excludes it');
      continue;
    }
    const obstacles = machinesAt(content, point).flatMap((machine) =>
      impossibilities(machine, content).map((why): Obstacle => ({ ...why, machine, point })),
    );
    if (obstacles.length === 0) points.push(point);
    else impossible.push(obstacles);
  }
  const problems = impossible.flat().filter((obstacle) => isMistake(obstacle, points));
  const mistaken = new Set(problems.map(({ point }) => point));
  for (const [first] of impossible) if (first && !mistaken.has(first.point)) leaveOut(onAxes(first), first.why);
  return {
    points: matrix.choose === 'pairwise' ? pairwisePoints(points) : points,
    bootable: points.length,
    leftOut: [...left.values()],
    problems: once(problems.map(problemOf)),
  };
}

/** Every VM that a scenario starts, at every point of its matrix that can boot; at all points where none can. */
export function machinesOf(content: ScenarioContent): Machine[] {
  const { points } = expandMatrix(content);
  return (points.length > 0 ? points : allPoints(content.matrix ?? {})).flatMap((point) => machinesAt(content, point));
}

/** What decides an obstacle, as far as it stands on axes. */
function onAxes({ parts, point }: Obstacle): MatrixPoint {
  return Object.fromEntries(
    AXES.filter((axis: Axis) => (parts as readonly string[]).includes(axis) && point[axis] !== undefined).map(
      (axis) => [axis, point[axis]],
    ),
  );
}

/** No axis decides it, or a value of one boots nowhere. */
function isMistake(obstacle: Obstacle, bootable: readonly MatrixPoint[]): boolean {
  const deciding = Object.entries(onAxes(obstacle)) as [Axis, MatrixPoint[Axis]][];
  return deciding.length === 0 || deciding.some(([axis, value]) => bootable.every((point) => point[axis] !== value));
}

function problemOf({ parts, expected, got, known, says, machine }: Obstacle): Problem {
  return {
    path: machine.place(parts[0]),
    expected,
    got,
    ...(known === undefined ? {} : { known }),
    ...(says === undefined ? {} : { says }),
  };
}

/** Problems without those that say the same of the same place: points of a matrix share their values. */
export function once(problems: readonly Problem[]): Problem[] {
  const key = ({ path, says, got }: Problem): string => JSON.stringify([path, says, got]);
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}
