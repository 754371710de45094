import { html, useEffect, useMemo, useRef, useState } from 'htm/preact';
import type { EvidenceFrame } from '../evidence.ts';
import { Sign, type View } from './parts.ts';
import type { ClientResult, Step } from '../result.ts';
import type { Selection } from './selection.ts';
import { StepDetail } from './step-detail.ts';
import { duration, frameList, moment, plural, stepDetail } from '../text.ts';
import { bandGradient, matchingSteps, percent, phaseBands, phaseColour, tickLabel, timeAxis, type TimeAxis } from './timeline.ts';

/** Rows drawn at first and with each "more": ten thousand at once would make a page wait. */
const ROWS = 400;

interface WaterfallProps {
  client: ClientResult;
  frames: ReadonlyMap<number, EvidenceFrame>;
  capture: string | undefined;
  /** Its step is to be open and in view; a new object asks again. */
  selection: Selection;
  onOpen: (step: number | undefined) => void;
}

/** The boot as rows on one clock: phases as bands, steps as bars, each row opens to its frames. */
export function Waterfall({ client, frames, capture, selection, onOpen }: WaterfallProps): View {
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [drawn, setDrawn] = useState({ from: 0, to: ROWS });
  const list = useRef<HTMLDivElement>(null);
  const axis = useMemo(() => timeAxis([client]), [client]);
  const bands = phaseBands(client);
  const rows = useMemo(() => matchingSteps(client.steps, query), [client, query]);
  const shown = rows.slice(drawn.from, drawn.to);
  const search = (text: string): void => {
    setQuery(text);
    setDrawn({ from: 0, to: ROWS });
  };

  useEffect(() => {
    const focus = selection.step;
    if (focus === undefined) return;
    setQuery('');
    setDrawn((now) => (focus >= now.from && focus < now.to ? now : { from: Math.max(0, focus - ROWS / 2), to: focus + ROWS / 2 }));
    setOpen((now) => new Set(now).add(focus));
    requestAnimationFrame(() => {
      const row = list.current?.querySelector<HTMLElement>(`[data-step="${focus}"]`);
      row?.scrollIntoView({ block: 'center' });
      row?.focus({ preventScroll: true });
    });
  }, [client, selection]);

  const toggle = (index: number): void => {
    const next = new Set(open);
    if (!next.delete(index)) next.add(index);
    setOpen(next);
    onOpen(next.has(index) ? index : undefined);
  };
  const move = (event: KeyboardEvent): void => {
    const by = ({ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 } as Record<string, number>)[event.key];
    if (by === undefined || !(event.target instanceof HTMLElement) || !event.target.matches('.row') || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>('.row') ?? [])];
    all[all.indexOf(event.target) + by]?.focus();
    event.preventDefault();
  };

  if (client.steps.length === 0) return html`<p class="note">No step of this client was seen on the wire.</p>`;
  return html`<div class="waterfall" style=${{ '--bands': bandGradient(bands, axis), '--grid': gridGradient(axis) }}>
    <div class="tools">
      <input type="search" placeholder="Filter steps: name, path, #frame…" aria-label="Filter steps" value=${query} onInput=${(event: InputEvent) => search((event.target as HTMLInputElement).value)} />
      <small>${query === '' ? plural(rows.length, 'step') : `${rows.length} of ${plural(client.steps.length, 'step')}`}</small>
    </div>
    <${Axis} axis=${axis} bands=${bands} />
    ${drawn.from > 0 ? html`<button type="button" class="more" onClick=${() => setDrawn({ ...drawn, from: Math.max(0, drawn.from - ROWS) })}>Show ${Math.min(ROWS, drawn.from)} earlier <small>${drawn.from} left</small></button>` : null}
    <div class="rows" ref=${list} onKeyDown=${move}>
      ${shown.map(({ step, index }) => html`<${Row} key=${index} step=${step} index=${index} axis=${axis} open=${open.has(index)} toggle=${toggle} frames=${frames} capture=${capture} />`)}
    </div>
    ${rows.length === 0 ? html`<p class="note">No step matches.</p>` : null}
    ${rows.length > drawn.to ? html`<button type="button" class="more" onClick=${() => setDrawn({ ...drawn, to: drawn.to + ROWS })}>Show ${Math.min(ROWS, rows.length - drawn.to)} more <small>${rows.length - drawn.to} left</small></button>` : null}
  </div>`;
}

function Axis({ axis, bands }: { axis: TimeAxis; bands: ReturnType<typeof phaseBands> }): View {
  return html`<div class="axis" aria-hidden="true"><span class="axis-pad"></span>
    <div class="axis-track">
      <div class="axis-phases">${bands.filter(({ durationMs }) => durationMs > 0).map(({ phase, startMs, durationMs }) => {
        const [left, right] = [percent(axis, startMs), percent(axis, startMs + durationMs)];
        return html`<span class="axis-phase" title=${`${phase}: ${duration(durationMs)}`} style=${{ left: `${left}%`, width: `${right - left}%`, '--c': `var(--phase-${phaseColour(phase)})` }}>${right - left > phase.length * 1.7 + 2 ? phase : ''}</span>`;
      })}</div>
      <div class="axis-ticks">${axis.ticksMs.filter((tick) => percent(axis, tick) < 97).map((tick) => html`<span style=${{ left: `${percent(axis, tick)}%` }}>${tickLabel(tick, axis)}</span>`)}</div>
    </div>
    <span class="axis-end"></span></div>`;
}

/** One pixel at each tick. */
function gridGradient(axis: TimeAxis): string {
  const lines = axis.ticksMs.map((tick) => `linear-gradient(var(--grid-line), var(--grid-line)) ${percent(axis, tick)}% 0 / 1px 100% no-repeat`);
  return lines.join(', ');
}

interface RowProps {
  step: Step;
  index: number;
  axis: TimeAxis;
  open: boolean;
  toggle: (index: number) => void;
  frames: ReadonlyMap<number, EvidenceFrame>;
  capture: string | undefined;
}

function Row({ step, index, axis, open, toggle, frames, capture }: RowProps): View {
  const left = percent(axis, step.atMs);
  const width = percent(axis, step.atMs + step.durationMs) - left;
  return html`<div class=${`step ${step.verdict} ${open ? 'open' : ''}`}>
    <button type="button" class="row" data-step=${index} aria-expanded=${open} onClick=${() => toggle(index)}>
      <${Sign} verdict=${step.verdict} />
      <span class="time">${moment(step.atMs)}</span>
      <span class="name">${step.step}</span>
      <span class="detail">${stepDetail(step)}</span>
      <span class="track"><span class=${width < 0.25 ? 'bar point' : 'bar'} style=${{ left: `${left}%`, width: width < 0.25 ? null : `${width}%` }}></span></span>
      <span class="took">${step.durationMs > 0 ? duration(step.durationMs) : ''}</span>
      <span class="numbers">${frameList(step.frames)}</span>
    </button>
    ${open ? html`<${StepDetail} step=${step} frames=${frames} capture=${capture} />` : null}
  </div>`;
}
