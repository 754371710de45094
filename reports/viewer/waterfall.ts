import { html } from 'htm/preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { EvidenceFrame } from '../evidence.ts';
import { foldSteps, isFold } from './fold.ts';
import type { View } from './parts.ts';
import type { ColourOf } from './phase-colours.ts';
import type { ClientResult } from '../result.ts';
import type { Selection } from './selection.ts';
import { plural } from '../text.ts';
import { Axis, gridGradient, PhaseChips } from './time-axis.ts';
import { bandGradient, matchingSteps, phaseBands, timeAxis, zoomAxis } from './timeline.ts';
import { FoldRow, StepRow } from './waterfall-row.ts';

/** Rows drawn at first and with each "more": ten thousand at once would make a page wait. */
const ROWS = 400;

interface WaterfallProps {
  client: ClientResult;
  colourOf: ColourOf;
  frames: ReadonlyMap<number, EvidenceFrame>;
  capture: string | undefined;
  /** Names of the steps that the scenario asks for. */
  named: ReadonlySet<string>;
  /** The step to open and scroll to; a new object asks for it again. */
  selection: Selection;
  onOpen: (step: number | undefined) => void;
}

/** The boot as rows on one clock: phases as bands, steps as bars, each row opens to its frames. */
export function Waterfall({ client, colourOf, frames, capture, named, selection, onOpen }: WaterfallProps): View {
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [drawn, setDrawn] = useState({ from: 0, to: ROWS });
  const list = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const [zoom, setZoom] = useState<number | undefined>(undefined);
  const bands = useMemo(() => phaseBands(client).filter(({ durationMs }) => durationMs > 0), [client]);
  const zoomed = zoom === undefined ? undefined : bands[zoom];
  const axis = useMemo(() => (zoomed === undefined ? timeAxis([client]) : zoomAxis(zoomed)), [client, zoomed]);
  const matching = useMemo(() => matchingSteps(client.steps, query), [client, query]);
  // Matches of a search are never folded.
  const rows = useMemo(() => (query === '' ? foldSteps(matching, named) : matching), [matching, query, named]);
  const shown = rows.slice(drawn.from, drawn.to);
  const search = (text: string): void => {
    setQuery(text);
    setDrawn({ from: 0, to: ROWS });
  };

  useEffect(() => {
    const focus = selection.step;
    if (focus === undefined) return;
    setQuery('');
    const all = foldSteps(matchingSteps(client.steps, ''), named);
    const row = all.findIndex((one) =>
      isFold(one) ? one.rows.some(({ index }) => index === focus) : one.index === focus,
    );
    const holder = all[row];
    if (holder !== undefined && isFold(holder)) setUnfolded((now) => new Set(now).add(holder.rows[0].index));
    setDrawn((now) =>
      row >= now.from && row < now.to ? now : { from: Math.max(0, row - ROWS / 2), to: row + ROWS / 2 },
    );
    setOpen((now) => new Set(now).add(focus));
    requestAnimationFrame(() => {
      const row = list.current?.querySelector<HTMLElement>(`[data-step="${focus}"]`);
      row?.scrollIntoView({ block: 'center' });
      row?.focus({ preventScroll: true });
    });
  }, [client, named, selection]);

  const toggle = (index: number): void => {
    const next = new Set(open);
    if (!next.delete(index)) next.add(index);
    setOpen(next);
    onOpen(next.has(index) ? index : undefined);
  };
  const unfold = (index: number): void => {
    const next = new Set(unfolded);
    if (!next.delete(index)) next.add(index);
    setUnfolded(next);
  };
  const stepRow = ({ step, index }: (typeof matching)[number]): View =>
    html`<${StepRow} key=${index} step=${step} index=${index} axis=${axis} open=${open.has(index)} toggle=${toggle} frames=${frames} capture=${capture} />`;
  const move = (event: KeyboardEvent): void => {
    const by = ({ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 } as Record<string, number>)[event.key];
    if (
      by === undefined ||
      !(event.target instanceof HTMLElement) ||
      !event.target.matches('.row') ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>('.row') ?? [])];
    all[all.indexOf(event.target) + by]?.focus();
    event.preventDefault();
  };

  if (client.steps.length === 0) return html`<p class="note">No step of this client was seen on the wire.</p>`;
  return html`<div class="waterfall" style=${{ '--bands': bandGradient(bands, axis, colourOf), '--grid': gridGradient(axis) }}>
    <div class="tools">
      <input type="search" placeholder="Filter: name, path, #frame" aria-label="Filter steps" value=${query} onInput=${(event: InputEvent) => search((event.target as HTMLInputElement).value)} />
      <small>${query === '' ? plural(client.steps.length, 'step') : `${matching.length} of ${plural(client.steps.length, 'step')}`}</small>
      <${PhaseChips} bands=${bands} colourOf=${colourOf} zoom=${zoom} setZoom=${setZoom} />
    </div>
    <${Axis} axis=${axis} bands=${bands} colourOf=${colourOf} />
    ${drawn.from > 0 ? html`<button type="button" class="more" onClick=${() => setDrawn({ ...drawn, from: Math.max(0, drawn.from - ROWS) })}>Show ${Math.min(ROWS, drawn.from)} earlier <small>${drawn.from} left</small></button>` : null}
    <div class="rows" ref=${list} onKeyDown=${move}>
      ${shown.map((row) => (isFold(row) ? html`<${FoldRow} key=${`fold ${row.rows[0].index}`} fold=${row} axis=${axis} open=${unfolded.has(row.rows[0].index)} toggle=${unfold}>${row.rows.map(stepRow)}<//>` : stepRow(row)))}
    </div>
    ${rows.length === 0 ? html`<p class="note">No step matches.</p>` : null}
    ${rows.length > drawn.to ? html`<button type="button" class="more" onClick=${() => setDrawn({ ...drawn, to: drawn.to + ROWS })}>Show ${Math.min(ROWS, rows.length - drawn.to)} more <small>${rows.length - drawn.to} left</small></button>` : null}
  </div>`;
}
