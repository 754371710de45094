import { wrapWords } from './width.ts';
import { painter, type Paint, type TerminalStyle } from './style.ts';

const INKS: readonly Parameters<Paint>[0][] = ['gray', 'blue', 'cyan', 'yellow', 'magenta', 'green', 'red'];
/** Neighbouring phases stay apart without colour, too. */
const FILLS = ['█', '▒', '▓', '░'] as const;
const ASCII_FILLS = ['#', '=', '+', '-'] as const;

/**
 * One bar for a boot's phases and the lines of its legend: each phase as wide as its share, at least one cell when it
 * took any time.
 */
export function phaseBar(
  phases: Readonly<Record<string, number>>,
  style: TerminalStyle,
  width: number,
  columns = Number.POSITIVE_INFINITY,
): { readonly bar: string; readonly legend: readonly string[] } {
  const paint = painter(style);
  const parts = Object.entries(phases).filter(([, ms]) => ms > 0);
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  const fills = style.unicode ? FILLS : ASCII_FILLS;
  const drawn = parts.map(([name, ms], index) => {
    const ink = INKS[index % INKS.length] ?? 'gray';
    const fill = style.colour && style.unicode ? '█' : (fills[index % fills.length] ?? '#');
    return {
      bar: paint(ink, fill.repeat(Math.max(1, Math.round((ms / total) * width)))),
      legend: `${paint(ink, style.colour && style.unicode ? '■' : fill)} ${name} ${(ms / 1000).toFixed(1)}${index === parts.length - 1 ? ' s' : ''}`,
      legendLength: `x ${name} ${(ms / 1000).toFixed(1)}`.length,
    };
  });
  // Colour codes have no width.
  const widths = new Map(drawn.map(({ legend, legendLength }) => [legend, legendLength]));
  return {
    bar: drawn.map(({ bar }) => bar).join(''),
    legend: wrapWords(
      drawn.map(({ legend }) => legend),
      columns,
      (text) => widths.get(text) ?? text.length,
      '  ',
    ),
  };
}
