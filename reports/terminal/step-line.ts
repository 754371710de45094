import type { StepEvent } from '../reporter.ts';
import { duration, frameList, moment, printable, stepDetail } from '../text.ts';
import { painter, VERDICT_INK, verdictSign, type TerminalStyle } from './style.ts';

/** Lines for one settled step: what, when on the boot's clock, which frames, figures; a failed one also says expected, actual, why. */
export function stepLines(event: StepEvent, style: TerminalStyle, whose: string): string[] {
  const { step } = event;
  const paint = painter(style);
  const sign = paint(VERDICT_INK[step.verdict], verdictSign(step.verdict, style).padEnd(style.unicode ? 1 : 7));
  const name = paint(step.verdict === 'recorded' ? 'gray' : 'bold', step.step.padEnd(20));
  // A duration below 100 ms is the network's; longer ones are worth a person's eye.
  const parts = [stepDetail(step), step.durationMs >= 100 ? duration(step.durationMs) : '', paint('gray', frameList(step.frames))];
  const line = `${paint('gray', `${whose} ${moment(step.atMs).padStart(9)}`)} ${sign} ${name} ${parts.filter((text) => text !== '').join('  ')}`.trimEnd();
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
