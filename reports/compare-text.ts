import type { ComparedFigure, Comparison } from './compare.ts';
import { duration, plural, printable, rate } from './text.ts';

/**
 * A comparison as lines for people: first the changes, then the figures without one, then those that allow no
 * judgement.
 */
export function comparisonLines(comparison: Comparison): string[] {
  const order: readonly ComparedFigure['judgement'][] = ['worse', 'better', 'same', 'too few repeats'];
  const figures = [...comparison.figures].sort((a, b) => order.indexOf(a.judgement) - order.indexOf(b.judgement));
  const rows = figures.map((figure) => [
    figure.judgement,
    `${printable(figure.scenario)} ${printable(figure.client)}`,
    printable(figure.name),
    `${text(figure, figure.base.median)} → ${text(figure, figure.next.median)}`,
    figure.ratio === undefined ? '' : `× ${ratioText(figure.ratio)}`,
    figure.p === undefined
      ? `${figure.base.repeats} and ${plural(figure.next.repeats, 'repeat')}`
      : `p ${figure.p.toFixed(3)}`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  const tally = order.flatMap((judgement) => {
    const count = figures.filter((figure) => figure.judgement === judgement).length;
    return count === 0 ? [] : [`${count} ${judgement}`];
  });
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...comparison.onlyInBase.map((name) => `only in the first: ${printable(name)}`),
    ...comparison.onlyInNext.map((name) => `only in the second: ${printable(name)}`),
    ...comparison.inconclusive.map(
      ({ side, scenario, why }) =>
        `inconclusive in the ${side}, so not compared: ${printable(scenario)}${why === undefined ? '' : `: ${printable(why)}`}`,
    ),
    `${tally.join(', ') || 'nothing to compare'} (${comparison.accel})`,
  ];
}

/** A figure that has fallen to less than a tenth keeps two digits that say something. */
function ratioText(ratio: number): string {
  return ratio > 0 && ratio < 0.1 ? String(Number(ratio.toPrecision(2))) : ratio.toFixed(2);
}

function text(figure: ComparedFigure, value: number): string {
  return figure.unit === 'ms' ? duration(value) : rate(value);
}
