import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageScreenshot } from '../html/page-types.ts';
import { Section, type View } from './parts.ts';
import type { ClientResult } from '../result.ts';
import { diskFacts, guestFacts, partitionText } from '../guest-text.ts';
import { moment, printable } from '../text.ts';

/** Evidence of the second kind: the agent's reports and the content of the disk. */
export function Guest({ client }: { client: ClientResult }): View {
  const { guest } = client;
  if (guest === undefined) return null;
  const { disk } = guest;
  const onDisk = disk === undefined ? [] : diskFacts(disk);
  const facts = guestFacts(guest);
  if (guest.agent.length === 0 && disk === undefined && facts.length === 0) return null;
  return html`<${Section} title="Guest" note="for information, not judged">
    ${onDisk.length === 0 ? null : html`<p class="disk">${onDisk.map(({ text, bad }) => html`<span class=${bad ? 'warn' : ''}>${text} </span>`)}</p>`}
    ${disk?.partitions === undefined ? null : html`<ul class="disk">${disk.partitions.map((one) => html`<li>${partitionText(one)}</li>`)}</ul>`}
    ${facts.length === 0 ? null : html`<ul class="disk">${facts.map(({ text, bad }) => html`<li class=${bad ? 'warn' : ''}>${printable(text, 1000)}</li>`)}</ul>`}
    ${
      disk === undefined || disk.differences.length === 0
        ? null
        : html`<div class="scroll" tabindex="0" role="group" aria-label="Differences on disk"><table class="figures"><thead><tr><th scope="col" class="left">file</th><th scope="col" class="left">expected</th><th scope="col" class="left">actual</th></tr></thead>
      <tbody>${disk.differences.slice(0, 200).map(({ path, expected, actual }) => html`<tr><th scope="row">${printable(path)}</th><td>${printable(expected)}</td><td>${printable(actual)}</td></tr>`)}</tbody></table></div>`
    }
    ${disk?.ignored?.length ? html`<p class="note">Not compared, as <code>after.ignore</code> has it: ${printable(shortList(disk.ignored))}.</p>` : null}
    ${disk?.notCompared?.map((sentence) => html`<p class="note">Not compared: ${printable(sentence)}.</p>`)}
    ${disk !== undefined && disk.differences.length > 200 ? html`<p class="note">${disk.differences.length - 200} more in result.json</p>` : null}
    ${guest.agent.length === 0 ? null : html`<ol class="agent">${guest.agent.slice(0, 500).map(({ atMs, event, detail }) => html`<li><span class="time">${moment(atMs)}</span><b>${printable(event)}</b><span>${detailText(detail)}</span></li>`)}</ol>`}
    ${guest.agent.length > 500 ? html`<p class="note">${guest.agent.length - 500} more in result.json</p>` : null}
  <//>`;
}

const shortList = (paths: readonly string[]): string =>
  `${paths.slice(0, 10).join(', ')}${paths.length > 10 ? ` and ${paths.length - 10} more` : ''}`;

// The guest's own clock stays in the log: the list has the boot's.
function detailText(detail: Readonly<Record<string, unknown>> | undefined): string {
  return printable(pairs(Object.entries(detail ?? {}).filter(([name]) => name !== 'uptimeMs')));
}

const pairs = (entries: readonly (readonly [string, unknown])[]): string =>
  entries.map(([name, value]) => `${name} ${valueText(value)}`).join('  ');

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object' && value !== null) return `(${pairs(Object.entries(value))})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the client's screen showed; a click enlarges. */
export function Screenshots({ screenshots }: { screenshots: readonly PageScreenshot[] }): View {
  const [large, setLarge] = useState<number | undefined>(undefined);
  if (screenshots.length === 0) return null;
  return html`<${Section} title="Screen">
    <div class="shots">${screenshots.map(
      ({ title, atMs, dataUri, note, href }, index) => html`<figure class=${large === index ? 'large' : ''}>
      ${
        dataUri === undefined
          ? html`<div class="no-shot">${note}${href === undefined ? null : html` <a href=${href}>open the file</a>`}</div>`
          : html`<button type="button" aria-label=${`${large === index ? 'Reduce' : 'Enlarge'} ${title}`} onClick=${() => setLarge(large === index ? undefined : index)}><img src=${dataUri} alt=${title} /></button>`
      }
      <figcaption>${printable(title)} <span class="time">${moment(atMs)}</span></figcaption>
    </figure>`,
    )}</div>
  <//>`;
}
