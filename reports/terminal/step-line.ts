import type { StepEvent } from '../reporter.ts';
import { byteCount, duration, frameList, moment, printable, rate, stepDetail } from '../text.ts';
import { painter, VERDICT_INK, verdictSign, type TerminalStyle } from './style.ts';

/** Lines for one settled step: what, when on the boot's clock, which frames, figures; a failed one also says expected, actual, why. */
export function stepLines(event: StepEvent, style: TerminalStyle, whose: string): string[] {
  const { step } = event;
  const paint = painter(style);
  const sign = paint(VERDICT_INK[step.verdict], verdictSign(step.verdict, style).padEnd(style.unicode ? 1 : 7));
  const name = paint(step.verdict === 'recorded' ? 'gray' : 'bold', step.step.padEnd(20));
  const figures = [transferFigures(step.detail), step.durationMs >= 100 && transferFigures(step.detail) === '' ? duration(step.durationMs) : ''].filter((text) => text !== '').join('  ');
  const tail = [figures, paint('gray', frameList(step.frames))].filter((text) => text !== '').join('  ');
  const line = `${paint('gray', `${whose} ${moment(step.atMs).padStart(9)}`)} ${sign} ${name} ${[stepDetail({ detail: withoutFigures(step.detail) }), tail].filter((t) => t !== '').join('  ')}`.trimEnd();
  if (step.verdict !== 'failed' && step.verdict !== 'error') return [line];
  return [line, ...reasonLines(step, style, ' '.repeat(whose.length + 12))];
}

/** `expected`, `actual`, `why` of a step, one line each, as far as they are known. */
export function reasonLines(step: StepEvent['step'], style: TerminalStyle, indent: string): string[] {
  const paint = painter(style);
  return (['expected', 'actual', 'why'] as const).flatMap((key) => {
    const text = step[key];
    return text === undefined ? [] : [`${indent}${paint('gray', key.padEnd(8))} ${paint(key === 'actual' ? 'red' : 'reset', printable(text))}`];
  });
}

/** `12.4 MB at 1.93 MB/s` when the step's detail has transfer figures. */
function transferFigures(detail: StepEvent['step']['detail']): string {
  const bytes = detail?.['bytes'];
  const speed = detail?.['mbPerSecond'];
  return [typeof bytes === 'number' ? byteCount(bytes) : '', typeof speed === 'number' ? `at ${rate(speed)}` : ''].filter((text) => text !== '').join(' ');
}

function withoutFigures(detail: StepEvent['step']['detail']): NonNullable<StepEvent['step']['detail']> {
  return Object.fromEntries(Object.entries(detail ?? {}).filter(([key, value]) => !(typeof value === 'number' && (key === 'bytes' || key === 'mbPerSecond'))));
}
