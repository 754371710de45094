import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';
import { explainFailures } from '../matrix/explain-failures.ts';
import { gridOf, type GridCell } from '../matrix/grid.ts';
import type { BootedMatrix } from '../matrix/matrix-boots.ts';
import { plural, printable } from '../text.ts';
import { isBad } from '../worst-verdict.ts';
import { Sign, type View } from './parts.ts';

interface MatrixGridProps {
  matrix: BootedMatrix;
  /** Place in `result.scenarios`. */
  selected: number;
  select: (scenario: number) => void;
}

/** A matrix as a table with one cell a boot; an axis that is folded is left out of it. */
export function MatrixGrid({ matrix, selected, select }: MatrixGridProps): View {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const grid = useMemo(() => gridOf(matrix, folded), [matrix, folded]);
  const toggle = (axis: string): void => {
    const next = new Set(folded);
    if (!next.delete(axis)) next.add(axis);
    setFolded(next);
  };
  return html`<details class="matrix" open>
    <summary><b>${printable(matrix.scenario)}</b><small>${plural(matrix.boots.length, 'boot')} of ${plural(matrix.bootable, 'combination')}${matrix.choose === 'pairwise' ? ', pairwise' : ''}</small></summary>
    ${explainFailures(matrix).map((text) => html`<p class="explained">${printable(text)}</p>`)}
    <div class="chips" role="group" aria-label="Axes">${Object.entries(matrix.axes).map(
      ([axis, values]) =>
        html`<button type="button" class="chip" aria-pressed=${!folded.has(axis)} title=${folded.has(axis) ? `show ${axis}` : `fold ${axis}`} onClick=${() => toggle(axis)}>${axis} <b>${values.length}</b></button>`,
    )}</div>
    <div class="matrix-scroll"><table>
      <thead><tr>${grid.rowAxes.map((axis) => html`<th scope="col">${axis}</th>`)}${grid.columns.map((value) => html`<th scope="col" class="column">${value === '' ? 'all' : printable(value)}</th>`)}</tr></thead>
      <tbody>${grid.rows.map(
        ({ values, cells }) =>
          html`<tr>${values.map((value) => html`<th scope="row">${printable(value)}</th>`)}${cells.map((cell) => html`<${Cell} cell=${cell} selected=${selected} select=${select} />`)}</tr>`,
      )}</tbody>
    </table></div>
    ${matrix.leftOut.length === 0 ? null : html`<ul class="left-out">${matrix.leftOut.map(({ values, why, combinations }) => html`<li>${plural(combinations, 'combination')} left out: <b>${valuesText(values)}</b>: ${printable(why)}</li>`)}</ul>`}
  </details>`;
}

function Cell({
  cell,
  selected,
  select,
}: {
  cell: GridCell;
  selected: number;
  select: (scenario: number) => void;
}): View {
  const { boots, verdict, why } = cell;
  // Of several boots the one that a person looks for.
  const shown = boots.find(isBad) ?? boots[0];
  if (shown === undefined || verdict === undefined)
    return html`<td class="none" title=${why}><span aria-label=${why}>·</span></td>`;
  const bad = boots.filter(isBad).length;
  const title =
    boots.length === 1
      ? `${valuesText(shown.values)}: ${verdict}`
      : `${plural(boots.length, 'boot')}, ${bad} of them bad`;
  return html`<td class=${verdict}><button type="button" title=${title} aria-label=${title} aria-current=${boots.some(({ scenario }) => scenario === selected) ? 'true' : null} onClick=${() => select(shown.scenario)}><${Sign} verdict=${verdict} />${boots.length === 1 ? null : html`<small>${boots.length - bad}/${boots.length}</small>`}</button></td>`;
}

const valuesText = (values: Readonly<Record<string, string>>): string =>
  printable(
    Object.entries(values)
      .map(([axis, value]) => `${axis}=${value}`)
      .join(', '),
  );
