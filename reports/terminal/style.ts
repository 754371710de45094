import { styleText } from 'node:util';
import type { Step, Verdict } from '../result.ts';

/** How a stream may be written to, decided once from the stream and the environment. */
export interface TerminalStyle {
  readonly colour: boolean;
  /** Redraw lines in place: only on a terminal that a person watches. */
  readonly live: boolean;
  /** Ticks, bars and dashes beyond ASCII. */
  readonly unicode: boolean;
}

/**
 * Decides colour and animation: NO_COLOR (no-color.org), FORCE_COLOR, CI, TERM=dumb, and whether the stream is a
 * terminal.
 */
export function terminalStyle(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  const set = (name: string): boolean =>
    env[name] !== undefined && env[name] !== '' && env[name] !== '0' && env[name] !== 'false';
  const watched = stream.isTTY === true && env['TERM'] !== 'dumb' && !set('CI');
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? 'UTF-8';
  return {
    colour: set('FORCE_COLOR') || (watched && (env['NO_COLOR'] ?? '') === ''),
    live: watched && (env['NO_COLOR'] ?? '') === '',
    unicode: env['TERM'] !== 'dumb' && env['TERM'] !== 'linux' && (stream.isTTY !== true || /utf-?8/i.test(locale)),
  };
}

type Ink = Parameters<typeof styleText>[0];

/** Paints text when colour is on. */
export type Paint = (ink: Ink, text: string) => string;

/** The painter of a style. */
export function painter(style: TerminalStyle): Paint {
  return (ink, text) => (style.colour && text !== '' ? styleText(ink, text, { validateStream: false }) : text);
}

/** Of a step, a client, a scenario or a run. */
type AnyVerdict = Verdict | Step['verdict'];

/** Colour of a verdict: failed (theirs) is red, error (ours) magenta: two different things must look different. */
export const VERDICT_INK: Readonly<Record<AnyVerdict, Ink>> = {
  passed: 'green',
  failed: 'red',
  inconclusive: 'cyan',
  error: 'magenta',
  skipped: 'yellow',
  recorded: 'gray',
};

/** Sign of a verdict. */
export function verdictSign(verdict: AnyVerdict, style: TerminalStyle): string {
  const signs: Record<AnyVerdict, readonly [string, string]> = {
    passed: ['✓', 'ok'],
    failed: ['✗', 'FAILED'],
    inconclusive: ['?', 'unclear'],
    error: ['!', 'ERROR'],
    skipped: ['–', 'skipped'],
    recorded: ['·', '-'],
  };
  return signs[verdict][style.unicode ? 0 : 1];
}

/** `failed` in its colour with its sign. */
export function verdictText(verdict: Verdict, style: TerminalStyle): string {
  const text = style.unicode ? `${verdictSign(verdict, style)} ${verdict}` : verdict;
  return painter(style)(['bold', VERDICT_INK[verdict]] as Ink, text);
}
