import { painter, type Paint, type TerminalStyle } from './style.ts';

const INKS: readonly Parameters<Paint>[0][] = ['gray', 'blue', 'cyan', 'yellow', 'magenta', 'green', 'red'];
/** Neighbouring phases stay apart without colour, too. */
const FILLS = ['█', '▒', '▓', '░'] as const;
const ASCII_FILLS = ['#', '=', '+', '-'] as const;

/** One bar for a boot's phases and its legend: each phase as wide as its share, at least one cell when it took any time. */
export function phaseBar(phases: Readonly<Record<string, number>>, style: TerminalStyle, width: number): { readonly bar: string; readonly legend: string } {
  const paint = painter(style);
  const parts = Object.entries(phases).filter(([, ms]) => ms > 0);
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  const fills = style.unicode ? FILLS : ASCII_FILLS;
  const drawn = parts.map(([name, ms], index) => {
    const ink = INKS[index % INKS.length] ?? 'gray';
    const fill = style.colour && style.unicode ? '█' : (fills[index % fills.length] ?? '#');
    return { bar: paint(ink, fill.repeat(Math.max(1, Math.round((ms / total) * width)))), legend: `${paint(ink, style.colour && style.unicode ? '■' : fill)} ${name} ${(ms / 1000).toFixed(1)}` };
  });
  return { bar: drawn.map(({ bar }) => bar).join(''), legend: `${drawn.map(({ legend }) => legend).join('  ')}${drawn.length > 0 ? ' s' : ''}` };
}
