import { html } from 'htm/preact';
import type { EvidenceFrame } from '../evidence.ts';
import { FrameView, MissingFrames } from './frame-view.ts';
import type { View } from './parts.ts';
import type { Step } from '../result.ts';
import { duration, moment, plural, printable } from '../text.ts';

/** Frames of one step that are listed; a bulk transfer names its first and last only. */
const MAX_FRAMES = 40;

/** The detail of a step: expected, actual and why, its details, and its frames decoded. */
export function StepDetail({
  step,
  frames,
  capture,
}: {
  step: Step;
  frames: ReadonlyMap<number, EvidenceFrame>;
  capture: string | undefined;
}): View {
  const numbers = [...new Set(step.frames)].slice(0, MAX_FRAMES);
  const found = numbers.flatMap((number) => frames.get(number) ?? []);
  const missing = numbers.filter((number) => !frames.has(number));
  // A failed step's last frame is the one that failed it; otherwise the first one opens the exchange.
  const opened = step.verdict === 'failed' ? found.at(-1)?.number : found[0]?.number;
  return html`<div class="step-detail">
    <${Reasons} step=${step} />
    <dl class="facts">
      <div><dt>at</dt><dd>${moment(step.atMs)}</dd></div>
      <div><dt>took</dt><dd>${duration(step.durationMs)}</dd></div>
      <div><dt>machine</dt><dd>${step.machine}</dd></div>
      ${step.cause === undefined ? null : html`<div><dt>cause</dt><dd>${step.cause}</dd></div>`}
      ${Object.entries(step.detail ?? {}).map(([name, value]) => html`<div><dt>${printable(name)}</dt><dd>${printable(String(value), 1000)}</dd></div>`)}
    </dl>
    ${step.frames.length === 0 ? html`<p class="note">No frame belongs to this step.</p>` : null}
    ${found.map((frame) => html`<${FrameView} key=${frame.number} frame=${frame} open=${frame.number === opened} />`)}
    ${missing.length > 0 ? html`<${MissingFrames} numbers=${missing} capture=${capture} />` : null}
    ${step.frames.length > MAX_FRAMES ? html`<p class="note">${plural(step.frames.length - MAX_FRAMES, 'more frame')} not listed.</p>` : null}
  </div>`;
}

/** Expected beside actual, and why. */
export function Reasons({ step }: { step: Pick<Step, 'expected' | 'actual' | 'why'> }): View {
  if (step.expected === undefined && step.actual === undefined && step.why === undefined) return null;
  return html`<div class="reasons">
    ${step.expected === undefined ? null : html`<div class="expected"><h5>expected</h5><p>${printable(step.expected, 2000)}</p></div>`}
    ${step.actual === undefined ? null : html`<div class="actual"><h5>actual</h5><p>${printable(step.actual, 2000)}</p></div>`}
    ${step.why === undefined ? null : html`<div class="why"><h5>why</h5><p>${printable(step.why, 2000)}</p></div>`}
  </div>`;
}
