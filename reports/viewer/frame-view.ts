import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { EvidenceFrame, EvidenceLayer } from '../evidence.ts';
import { hexRows } from './hex.ts';
import { Command, type View } from './parts.ts';
import { moment, printable } from '../text.ts';

/** Layers whose fields are open at first: the ones that a boot is about; link and network layers stay folded. */
const FOLDED = new Set(['ethernet', 'ipv4', 'ipv6', 'udp', 'tcp']);

interface Mark {
  readonly offset: number;
  readonly length: number;
}

/** One frame decoded: summary, layers with their fields, hex dump; pointing at a layer or field marks its bytes. */
export function FrameView({ frame, open }: { frame: EvidenceFrame; open: boolean }): View {
  const [mark, setMark] = useState<Mark | undefined>(undefined);
  return html`<details class="frame" open=${open}>
    <summary><b class="number">#${frame.number}</b><span class="time">${moment(frame.atMs)}</span><span class="frame-summary">${printable(frame.summary)}</span><span class="bytes">${frame.length} B</span></summary>
    <div class="frame-body">
      <div class="layers" onMouseLeave=${() => setMark(undefined)}>
        ${frame.layers.map((layer) => html`<${LayerView} layer=${layer} setMark=${setMark} />`)}
      </div>
      <${HexDump} frame=${frame} mark=${mark} />
    </div>
  </details>`;
}

function LayerView({ layer, setMark }: { layer: EvidenceLayer; setMark: (mark: Mark | undefined) => void }): View {
  const range = (part: { offset?: number | undefined; length?: number | undefined }): Mark | undefined =>
    part.offset === undefined || part.length === undefined ? undefined : { offset: part.offset, length: part.length };
  const malformed = layer.name === 'malformed';
  return html`<details class=${`layer ${malformed ? 'malformed' : ''}`} open=${!FOLDED.has(layer.name.toLowerCase())}>
    <summary onMouseEnter=${() => setMark(range(layer))} onFocus=${() => setMark(range(layer))}>${printable(layer.name)}</summary>
    <dl>${layer.fields.map((field) => html`<div onMouseEnter=${() => setMark(range(field) ?? range(layer))}><dt>${printable(field.name)}</dt><dd>${printable(field.value, 2000)}</dd></div>`)}</dl>
  </details>`;
}

function HexDump({ frame, mark }: { frame: EvidenceFrame; mark: Mark | undefined }): View {
  const rows = hexRows(frame.hex, mark);
  const shown = frame.hex.length / 2;
  return html`<div class="hex" tabindex="0" role="group" aria-label=${`bytes of frame ${frame.number}`}>
    ${rows.map((row) => html`<div><i>${row.offset}</i><code>${row.bytes.map(({ hex, marked }, at) => html`<span class=${marked ? 'marked' : ''}>${hex}${at === 7 ? '  ' : ' '}</span>`)}</code><samp>${row.bytes.map(({ ascii, marked }) => (marked ? html`<span class="marked">${ascii}</span>` : ascii))}</samp></div>`)}
    ${shown < frame.length ? html`<p class="note">${shown} of ${frame.length} bytes kept</p>` : null}
  </div>`;
}

/** A frame that a step names and the evidence does not hold: how to see it in the capture. */
export function MissingFrames({ numbers, capture }: { numbers: readonly number[]; capture: string | undefined }): View {
  const filter = numbers
    .slice(0, 20)
    .map((number) => `frame.number==${number}`)
    .join(' || ');
  return html`<div class="missing"><span>Frame ${numbers.map((number) => `#${number}`).join(', ')}: not among the decoded frames of this report.</span>
    ${capture === undefined ? null : html`<${Command} text=${`tshark -V -r '${capture.replaceAll("'", `'\\''`)}' -Y '${filter}'`} />`}</div>`;
}
