import { median } from '../../reports/statistics.ts';

/**
 * One comparison of a bench: ours against theirs, measured alternately in one call, so that a noisy host hurts both.
 */
export interface BenchRow {
  readonly what: string;
  /** Medians, in `unit`. `theirs` is null where there is nothing to compare with. */
  readonly ours: number;
  readonly theirs: number | null;
  readonly unit: string;
  /** ours ÷ theirs, pair by pair. */
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number } | null;
  /** What the ratio's median should be, in words: `<= 1.10`. */
  readonly want: string | null;
  readonly ok: boolean;
}

/** What `npm run bench -- NAME --json` prints. */
export interface BenchResult {
  readonly name: string;
  readonly rows: readonly BenchRow[];
}

/** A row from pairs that were measured one right after the other. */
export function comparedRow(
  what: string,
  unit: string,
  pairs: readonly { readonly ours: number; readonly theirs: number }[],
  want: { readonly atMost: number } | { readonly atLeast: number },
): BenchRow {
  const ratios = pairs.map((pair) => pair.ours / pair.theirs);
  const ratio = { median: round(median(ratios)), min: round(Math.min(...ratios)), max: round(Math.max(...ratios)) };
  const [text, ok] =
    'atMost' in want
      ? ([`<= ${want.atMost.toFixed(2)}`, ratio.median <= want.atMost] as const)
      : ([`>= ${want.atLeast.toFixed(2)}`, ratio.median >= want.atLeast] as const);
  return {
    what,
    unit,
    ours: round(median(pairs.map((pair) => pair.ours))),
    theirs: round(median(pairs.map((pair) => pair.theirs))),
    ratio,
    want: text,
    ok,
  };
}

/** A row with a figure and no comparison. */
export function toldRow(what: string, unit: string, values: readonly number[]): BenchRow {
  return { what, unit, ours: round(median(values)), theirs: null, ratio: null, want: null, ok: true };
}

/** A row with a bound: none of the values may pass it. `ours` is the largest. */
export function boundedRow(what: string, unit: string, values: readonly number[], atMost: number): BenchRow {
  const ours = Math.max(...values);
  return { what, unit, ours: round(ours), theirs: null, ratio: null, want: `<= ${atMost} ${unit}`, ok: ours <= atMost };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
