import { AXES } from './axes.ts';
import type { MatrixPoint } from './points.ts';

/**
 * Few of the points, in which every pair of values that some point has occurs: most faults need one value, nearly all
 * others two (Kuhn, Wallace, Gallo: "Software Fault Interactions", IEEE TSE 30(6), 2004). The choice is made among points
 * that can boot. It is greedy: always the first of those points that have most pairs which no chosen point has. The same
 * points give the same choice, in their order.
 */
export function pairwisePoints(points: readonly MatrixPoint[]): readonly MatrixPoint[] {
  const pairsByPoint = new Map(points.map((point) => [point, pairsOf(point)]));
  const missing = new Set([...pairsByPoint.values()].flat());
  const chosen = new Set<MatrixPoint>();
  while (missing.size > 0) {
    let best: { readonly point: MatrixPoint; readonly fresh: readonly string[] } | undefined;
    for (const [point, pairs] of pairsByPoint) {
      const fresh = pairs.filter((pair) => missing.has(pair));
      if (fresh.length > (best?.fresh.length ?? 0)) best = { point, fresh };
    }
    if (best === undefined) break;
    chosen.add(best.point);
    for (const pair of best.fresh) missing.delete(pair);
  }
  return points.filter((point) => chosen.has(point));
}

/** Every pair of values of a point; of a single axis its value. */
function pairsOf(point: MatrixPoint): string[] {
  const values = AXES.flatMap((axis) => (point[axis] === undefined ? [] : [`${axis}=${point[axis]}`]));
  return values.length < 2
    ? [values.join('')]
    : values.flatMap((value, index) => values.slice(index + 1).map((other) => `${value},${other}`));
}
