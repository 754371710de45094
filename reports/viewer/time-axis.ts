import { html } from 'htm/preact';
import type { View } from './parts.ts';
import { duration } from '../text.ts';
import type { ColourOf } from './phase-colours.ts';
import { percent, tickLabel, type PhaseBand, type TimeAxis } from './timeline.ts';

/**
 * The phases by name, short ones too; one that is chosen fills the axis, for boots where a single phase takes nearly
 * all of it.
 */
export function PhaseChips({
  bands,
  colourOf,
  zoom,
  setZoom,
}: {
  bands: readonly PhaseBand[];
  colourOf: ColourOf;
  zoom: number | undefined;
  setZoom: (zoom: number | undefined) => void;
}): View {
  if (bands.length < 2) return null;
  return html`<span class="zooms" role="group" aria-label="Phases: choose one to zoom into it">${bands.map(({ phase, durationMs }, index) => html`<button type="button" class="zoom" aria-pressed=${index === zoom} title=${`${phase}: ${duration(durationMs)}${index === zoom ? ', click for the whole boot' : ', click to zoom'}`} onClick=${() => setZoom(index === zoom ? undefined : index)}><span class="dot" style=${{ background: `var(--phase-${colourOf(phase)})` }}></span>${phase}</button>`)}</span>`;
}

/** Phases and round moments above the rows. */
export function Axis({
  axis,
  bands,
  colourOf,
}: {
  axis: TimeAxis;
  bands: readonly PhaseBand[];
  colourOf: ColourOf;
}): View {
  return html`<div class="axis" aria-hidden="true"><span class="axis-pad"></span>
    <div class="axis-track">
      <div class="axis-phases">${bands.map(({ phase, startMs, durationMs }) => {
        const [left, right] = [percent(axis, startMs), percent(axis, startMs + durationMs)];
        return right - left === 0
          ? null
          : html`<span class="axis-phase" title=${`${phase}: ${duration(durationMs)}`} style=${{ left: `${left}%`, width: `${right - left}%`, '--c': `var(--phase-${colourOf(phase)})` }}>${right - left > phase.length * 1.9 + 2 ? phase : ''}</span>`;
      })}</div>
      <div class="axis-ticks">${axis.ticksMs.filter((tick) => percent(axis, tick) < 96).map((tick) => html`<span style=${{ left: `${percent(axis, tick)}%`, transform: percent(axis, tick) < 3 ? 'none' : null }}>${tickLabel(tick, axis)}</span>`)}</div>
    </div>
    <span class="axis-end"></span></div>`;
}

/** One pixel at each tick. */
export function gridGradient(axis: TimeAxis): string {
  const lines = axis.ticksMs.map(
    (tick) => `linear-gradient(var(--grid-line), var(--grid-line)) ${percent(axis, tick)}% 0 / 1px 100% no-repeat`,
  );
  return lines.join(', ') || 'none';
}
