/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/**
 * Two-sided p-value of the Mann-Whitney U test (1947), which asks only whether one sample tends to be larger: boot
 * times are neither normal nor of one variance. Exact up to 16 values together by going through every way to deal them
 * out, ties included (C(16, 8) = 12 870); the normal approximation with tie correction above.
 */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const ranks = midRanks([...a, ...b]);
  const observed = sum(ranks.slice(0, a.length));
  const expected = (a.length * (ranks.length + 1)) / 2;
  return ranks.length <= 16
    ? exactP(ranks, a.length, Math.abs(observed - expected))
    : normalP(ranks, a.length, Math.abs(observed - expected));
}

function exactP(ranks: readonly number[], size: number, distance: number): number {
  const expected = (size * (ranks.length + 1)) / 2;
  let extreme = 0;
  let all = 0;
  const deal = (from: number, left: number, total: number): void => {
    if (left === 0) {
      all += 1;
      if (Math.abs(total - expected) >= distance - 1e-9) extreme += 1;
      return;
    }
    for (let at = from; at <= ranks.length - left; at += 1) deal(at + 1, left - 1, total + (ranks[at] ?? 0));
  };
  deal(0, size, 0);
  return extreme / all;
}

function normalP(ranks: readonly number[], size: number, distance: number): number {
  const n = ranks.length;
  const other = n - size;
  const ties = [...Map.groupBy(ranks, (rank) => rank).values()].reduce(
    (total, { length }) => total + length ** 3 - length,
    0,
  );
  const variance = ((size * other) / 12) * (n + 1 - ties / (n * (n - 1)));
  if (variance === 0) return 1;
  // Continuity correction: the rank sum moves in steps of one.
  return Math.min(1, 2 * (1 - normalCdf(Math.max(0, distance - 0.5) / Math.sqrt(variance))));
}

/** Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}

/** Ranks from 1; equal values share the mean of theirs. */
function midRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
