import type { StepEvent } from '../reporter.ts';
import { duration, frameList, moment, printable, stepDetail } from '../text.ts';
import { cut, wrapWords } from './width.ts';
import { painter, VERDICT_INK, verdictSign, type TerminalStyle } from './style.ts';

/**
 * Lines for one settled step: what, when on the boot's clock, which frames, figures; a failed one also says expected,
 * actual, why. `columns`: of the terminal.
 */
export function stepLines(event: StepEvent, style: TerminalStyle, whose: string, columns?: number): string[] {
  const { step } = event;
  const paint = painter(style);
  const sign = paint(VERDICT_INK[step.verdict], verdictSign(step.verdict, style).padEnd(style.unicode ? 1 : 7));
  const name = paint(step.verdict === 'recorded' ? 'gray' : 'bold', step.step.padEnd(20));
  // A duration below 100 ms is the network's; longer ones are worth a person's eye.
  const took = step.durationMs >= 100 ? duration(step.durationMs) : '';
  const frames = frameList(step.frames);
  const head = `${whose} ${moment(step.atMs).padStart(9)}`;
  // The step's subject is shortened first; its time and frames stay.
  const taken =
    head.length +
    (style.unicode ? 1 : 7) +
    Math.max(20, step.step.length) +
    3 +
    [took, frames].reduce((sum, text) => sum + (text === '' ? 0 : text.length + 2), 0);
  const detail = columns === undefined ? stepDetail(step) : cut(stepDetail(step), Math.max(0, columns - taken));
  const line =
    `${paint('gray', head)} ${sign} ${name} ${[detail, took, paint('gray', frames)].filter((text) => text !== '').join('  ')}`.trimEnd();
  if (step.verdict !== 'failed' && step.verdict !== 'error') return [line];
  return [line, ...reasonLines(step, style, ' '.repeat(whose.length + 12), columns)];
}

/** As wide as `expected`. */
const KEY_WIDTH = 8;
/** Characters of a reason: the limits of a capture and what is open may come together. */
const MAX_SENTENCE = 1500;

/** `expected`, `actual`, `why` of a step, as far as they are known; beside `columns`, each is one line. */
export function reasonLines(
  step: Pick<StepEvent['step'], 'expected' | 'actual' | 'why'>,
  style: TerminalStyle,
  indent: string,
  columns?: number,
): string[] {
  const paint = painter(style);
  return (['expected', 'actual', 'why'] as const).flatMap((key) => {
    const text = step[key];
    if (text === undefined) return [];
    // Below 20 columns of text a wrapped paragraph is harder to read than one that the terminal breaks.
    const lines =
      columns === undefined
        ? [printable(text, MAX_SENTENCE)]
        : wrapWords(printable(text, MAX_SENTENCE).split(' '), Math.max(20, columns - indent.length - KEY_WIDTH - 1));
    return lines.map(
      (line, index) =>
        `${indent}${paint('gray', (index === 0 ? key : '').padEnd(KEY_WIDTH))} ${paint(key === 'actual' ? 'red' : 'reset', line)}`,
    );
  });
}
