import type { Verdict } from '../result.ts';
import { worstVerdict } from '../worst-verdict.ts';
import type { BootedMatrix, MatrixBoot } from './matrix-boots.ts';

/** One place of the grid: the boots that have its values, or why there are none. */
export interface GridCell {
  readonly boots: readonly MatrixBoot[];
  /** The worst of its boots; absent without any. */
  readonly verdict?: Verdict;
  /** Why nothing was booted. */
  readonly why?: string;
}

export interface Grid {
  /** Axes whose values are the rows, outer first. */
  readonly rowAxes: readonly string[];
  /** The axis whose values are the columns; absent when every axis is folded. */
  readonly columnAxis?: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly values: readonly string[]; readonly cells: readonly GridCell[] }[];
}

/**
 * A matrix as a table. Columns are the values of the axis that has most of them, rows every combination of the others; a
 * folded axis is no part of it, and the boots that differ by it alone share a cell.
 */
export function gridOf(matrix: BootedMatrix, folded: ReadonlySet<string>): Grid {
  const axes = Object.entries(matrix.axes).filter(([axis]) => !folded.has(axis));
  const widest = axes.reduce<(typeof axes)[number] | undefined>(
    (most, one) => (most === undefined || one[1].length >= most[1].length ? one : most),
    undefined,
  );
  const rowAxes = axes.filter((axis) => axis !== widest);
  const rows = rowAxes.reduce<Readonly<Record<string, string>>[]>(
    (sofar, [axis, values]) => sofar.flatMap((row) => values.map((value) => ({ ...row, [axis]: value }))),
    [{}],
  );
  const columns = widest?.[1] ?? [''];
  return {
    rowAxes: rowAxes.map(([axis]) => axis),
    ...(widest === undefined ? {} : { columnAxis: widest[0] }),
    columns,
    rows: rows.map((row) => ({
      values: rowAxes.map(([axis]) => row[axis] ?? ''),
      cells: columns.map((value) => cellOf(matrix, widest === undefined ? row : { ...row, [widest[0]]: value })),
    })),
  };
}

function cellOf(matrix: BootedMatrix, values: Readonly<Record<string, string>>): GridCell {
  const boots = matrix.boots.filter((boot) => agree(values, boot.values));
  if (boots.length > 0) return { boots, verdict: worstVerdict(boots.map(({ verdict }) => verdict)) };
  const left = matrix.leftOut.find(
    (one) => agree(one.values, values) && Object.keys(one.values).every((axis) => axis in values),
  );
  return {
    boots,
    why:
      left?.why ??
      (matrix.choose === 'pairwise' ? 'every pair of its values is in another boot' : 'not part of this run'),
  };
}

/** Whether two sets of values have the same value for each axis that both name. */
function agree(some: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  return Object.entries(some).every(([axis, value]) => others[axis] === undefined || others[axis] === value);
}
