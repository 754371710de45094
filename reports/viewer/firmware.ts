import { html } from 'htm/preact';
import { firmwareText, tpmText } from '../firmware-text.ts';
import type { ClientResult } from '../result.ts';
import { printable } from '../text.ts';
import { Section, type View } from './parts.ts';

/** The variables of the client's UEFI that a boot depends on: the order that it left, and what it changed. */
export function Firmware({ client: { firmwareVariables } }: { client: ClientResult }): View {
  if (firmwareVariables === undefined) return null;
  const { bootOrder, changes } = firmwareVariables;
  const cell = (value: string | undefined): View => html`<td>${value === undefined ? '–' : printable(value, 400)}</td>`;
  return html`<${Section} title="Firmware variables" note=${printable(firmwareText(firmwareVariables), 400)}>
    ${bootOrder.length === 0 ? null : html`<ol class="boot-order">${bootOrder.map((entry) => html`<li>${printable(entry, 400)}</li>`)}</ol>`}
    ${
      changes.length === 0
        ? null
        : html`<div class="scroll" tabindex="0" role="group" aria-label="Changed firmware variables"><table class="figures"><thead><tr><th scope="col" class="left">variable</th><th scope="col" class="left">before</th><th scope="col" class="left">after</th></tr></thead>
      <tbody>${changes.map(({ name, before, after }) => html`<tr><th scope="row">${printable(name)}</th>${cell(before)}${cell(after)}</tr>`)}</tbody></table></div>`
    }
  <//>`;
}

/** What was done with the client's TPM. */
export function Tpm({ client: { tpm } }: { client: ClientResult }): View {
  return tpm === undefined ? null : html`<${Section} title="TPM" note=${tpmText(tpm)}><//>`;
}
