import type { IndexedStep } from './fold.ts';
import type { ColourOf } from './phase-colours.ts';
import type { ClientResult, Step } from '../result.ts';

/** A phase as a stretch of the boot's clock. */
export interface PhaseBand {
  readonly phase: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** The stretch of time that a waterfall shows, and where its grid lines are. */
export interface TimeAxis {
  readonly startMs: number;
  readonly endMs: number;
  readonly ticksMs: readonly number[];
}

/** Where the phases lie: as the Result says, else one after another from power-on. */
export function phaseBands(client: Pick<ClientResult, 'phases' | 'phaseSpans'>): PhaseBand[] {
  if (client.phaseSpans !== undefined) return [...client.phaseSpans];
  let startMs = 0;
  return Object.entries(client.phases).map(([phase, durationMs]) => {
    const band = { phase, startMs, durationMs };
    startMs += durationMs;
    return band;
  });
}

/**
 * The axis of several clients: from 0 (or the first step, if earlier) to the end of the last step or phase, ticks at
 * round numbers.
 */
export function timeAxis(clients: readonly Pick<ClientResult, 'phases' | 'phaseSpans' | 'steps'>[]): TimeAxis {
  let startMs = 0;
  let lastMs = 0;
  for (const client of clients) {
    for (const { atMs, durationMs } of client.steps) {
      startMs = Math.min(startMs, atMs);
      lastMs = Math.max(lastMs, atMs + durationMs);
    }
    for (const band of phaseBands(client)) lastMs = Math.max(lastMs, band.startMs + band.durationMs);
  }
  return axisBetween(startMs, Math.max(lastMs, startMs + 1) + (lastMs - startMs) * 0.015);
}

/** The axis of one phase, with a little of what comes before and after it. */
export function zoomAxis({ startMs, durationMs }: Omit<PhaseBand, 'phase'>): TimeAxis {
  return axisBetween(startMs - durationMs * 0.03, startMs + durationMs * 1.03);
}

function axisBetween(startMs: number, endMs: number): TimeAxis {
  const stepMs = roundStep((endMs - startMs) / 8);
  const ticksMs: number[] = [];
  for (let tick = Math.ceil(startMs / stepMs) * stepMs; tick <= endMs; tick += stepMs) ticksMs.push(tick);
  return { startMs, endMs, ticksMs };
}

/** The next of 1, 2, 5 × 10ⁿ. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

/** A moment's place on the axis in percent, kept inside it. */
export function percent(axis: TimeAxis, ms: number): number {
  return Math.min(100, Math.max(0, ((ms - axis.startMs) / (axis.endMs - axis.startMs)) * 100));
}

/** A tick's label: `0`, `2.5 s`, `400 ms`. */
export function tickLabel(ms: number, axis: TimeAxis): string {
  if (ms === 0) return '0';
  return axis.endMs < 2000 ? `${Math.round(ms * 100) / 100} ms` : `${Math.round(ms * 100) / 100_000} s`;
}

/** CSS gradient that paints the phases behind a waterfall's rows. */
export function bandGradient(bands: readonly PhaseBand[], axis: TimeAxis, colourOf: ColourOf): string {
  const stops = [...bands]
    .sort((a, b) => a.startMs - b.startMs)
    .flatMap(({ phase, startMs, durationMs }) => {
      const [from, to] = [percent(axis, startMs), percent(axis, startMs + durationMs)];
      const colour = `var(--band-${colourOf(phase)})`;
      return [`transparent ${from}%`, `${colour} ${from}%`, `${colour} ${to}%`, `transparent ${to}%`];
    });
  return stops.length === 0 ? 'none' : `linear-gradient(to right, ${stops.join(', ')})`;
}

/** Steps whose name, state machine, verdict or texts hold every word of the query, with their positions. */
export function matchingSteps(steps: readonly Step[], query: string): IndexedStep[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return steps.flatMap((step, index) => {
    if (words.length === 0) return [{ step, index }];
    const text = [
      step.step,
      step.verdict,
      step.expected,
      step.actual,
      step.why,
      ...Object.values(step.detail ?? {}),
      ...step.frames.map((frame) => `#${frame}`),
    ]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word)) ? [{ step, index }] : [];
  });
}
