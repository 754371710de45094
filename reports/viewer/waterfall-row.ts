import { html } from 'htm/preact';
import type { EvidenceFrame } from '../evidence.ts';
import { foldFrames, foldSpan, type Fold } from './fold.ts';
import { Sign, type View } from './parts.ts';
import type { Step } from '../result.ts';
import { StepDetail } from './step-detail.ts';
import { duration, frameList, moment, stepDetail } from '../text.ts';
import { percent, type TimeAxis } from './timeline.ts';

interface StepRowProps {
  step: Step;
  index: number;
  axis: TimeAxis;
  open: boolean;
  toggle: (index: number) => void;
  frames: ReadonlyMap<number, EvidenceFrame>;
  capture: string | undefined;
}

/** One step: sign, moment, name, what about, bar, figures; opens to its detail. */
export function StepRow({ step, index, axis, open, toggle, frames, capture }: StepRowProps): View {
  return html`<div class=${`step ${step.verdict} ${open ? 'open' : ''}`}>
    <button type="button" class="row" data-step=${index} aria-expanded=${open} onClick=${() => toggle(index)}>
      <${Sign} verdict=${step.verdict} />
      <span class="time">${moment(step.atMs)}</span>
      <span class="name">${step.step}</span>
      <span class="detail">${stepDetail(step)}</span>
      <${Bar} axis=${axis} span=${step} />
      <span class="took">${step.durationMs > 0 ? duration(step.durationMs) : ''}</span>
      <span class="numbers">${frameList(step.frames)}</span>
    </button>
    ${open ? html`<${StepDetail} step=${step} frames=${frames} capture=${capture} />` : null}
  </div>`;
}

/** Several steps in one row, which opens to them. */
export function FoldRow({
  fold,
  axis,
  open,
  toggle,
  children,
}: {
  fold: Fold;
  axis: TimeAxis;
  open: boolean;
  toggle: (index: number) => void;
  children?: unknown;
}): View {
  const span = foldSpan(fold);
  return html`<div class=${`step fold recorded ${open ? 'unfolded' : ''}`}>
    <button type="button" class="row" aria-expanded=${open} onClick=${() => toggle(fold.rows[0].index)}>
      <span class="turn" aria-hidden="true">${open ? '▾' : '▸'}</span>
      <span class="time">${moment(span.atMs)}</span>
      <span class="name">${fold.name} …</span>
      <span class="detail" title=${fold.detail}>${fold.detail}</span>
      <${Bar} axis=${axis} span=${span} />
      <span class="took">${duration(span.durationMs)}</span>
      <span class="numbers">${foldFrames(fold)}</span>
    </button>
    ${open ? html`<div class="inside">${children}</div>` : null}
  </div>`;
}

// Below a quarter of a percent a bar is a dot; beside a zoomed axis it is nothing.
function Bar({ axis, span }: { axis: TimeAxis; span: { readonly atMs: number; readonly durationMs: number } }): View {
  const left = percent(axis, span.atMs);
  const width = percent(axis, span.atMs + span.durationMs) - left;
  const outside = span.atMs > axis.endMs || span.atMs + span.durationMs < axis.startMs;
  return html`<span class="track">${outside ? null : html`<span class=${width < 0.25 ? 'bar point' : 'bar'} style=${{ left: `${left}%`, width: width < 0.25 ? null : `${width}%` }}></span>`}</span>`;
}
