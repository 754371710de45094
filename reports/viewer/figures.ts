import { html } from 'htm/preact';
import { Section, type View } from './parts.ts';
import type { ColourOf } from './phase-colours.ts';
import type { ClientResult, ScenarioResult, Transfer } from '../result.ts';
import { byteCount, duration, printable, rate } from '../text.ts';

/** Phases as one proportional bar. */
export function PhaseStrip({
  phases,
  colourOf,
}: {
  phases: Readonly<Record<string, number>>;
  colourOf: ColourOf;
}): View {
  const parts = Object.entries(phases).filter(([, ms]) => ms > 0);
  if (parts.length === 0) return null;
  return html`<span class="strip" role="img" aria-label=${parts.map(([phase, ms]) => `${phase} ${duration(ms)}`).join(', ')}>
    ${parts.map(([phase, ms]) => html`<span title=${`${phase}: ${duration(ms)}`} style=${{ flexGrow: ms, background: `var(--phase-${colourOf(phase)})` }}></span>`)}
  </span>`;
}

/** Phases as figures with their shares. */
export function Phases({ client, colourOf }: { client: ClientResult; colourOf: ColourOf }): View {
  const parts = Object.entries(client.phases);
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  if (total === 0) return null;
  const longest = Math.max(...parts.map(([, ms]) => ms));
  return html`<${Section} title="Phases" note=${duration(total)}>
    <table class="figures phases"><tbody>${parts.map(
      ([phase, ms]) => html`<tr>
      <th scope="row"><span class="dot" style=${{ background: `var(--phase-${colourOf(phase)})` }}></span>${printable(phase)}</th>
      <td class="number">${duration(ms)}</td>
      <td class="number dim">${((ms / total) * 100).toFixed(ms / total < 0.0995 ? 1 : 0)} %</td>
      <td class="wide"><span class="meter" style=${{ width: `${(ms / longest) * 100}%`, background: `var(--phase-${colourOf(phase)})` }}></span></td>
    </tr>`,
    )}</tbody></table>
  <//>`;
}

/** Files that were moved, with speed and latency. */
export function Transfers({ client }: { client: ClientResult }): View {
  const { transfers } = client;
  if (transfers.length === 0) return null;
  const fastest = Math.max(...transfers.map(({ mbPerSecond }) => mbPerSecond), 0.001);
  return html`<${Section} title="Transfers" note=${`${byteCount(transfers.reduce((sum, { bytes }) => sum + bytes, 0))} in ${transfers.length}; round trips on a logarithmic scale: bar p50 to p99, tick at the maximum`}>
    <div class="scroll" tabindex="0" role="group" aria-label="Transfers"><table class="figures transfers">
      <thead><tr><th scope="col">path</th><th scope="col" class="left" title="What was done with the file; the beginning, the end and the bulk of an image are read one by one">operation</th><th scope="col">bytes</th><th scope="col">time</th><th scope="col" class="left">speed</th><th scope="col" title="TFTP block size, and blocks a window">block</th><th scope="col">resent</th><th scope="col" class="left">round trip</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th><th scope="col">max</th></tr></thead>
      <tbody>${transfers.map(
        (transfer) => html`<tr>
        <th scope="row"><span class="protocol">${transfer.protocol}</span><span class="path" title=${printable(transfer.path)}>${printable(transfer.path)}</span></th>
        <td class="operation">${transfer.operation ?? '–'}</td>
        <td class="number" title=${`${transfer.bytes} bytes`}>${byteCount(transfer.bytes)}</td>
        <td class="number">${duration(transfer.durationMs)}</td>
        <td class="wide"><span class="meter-row"><span class="meter" style=${{ width: `${(transfer.mbPerSecond / fastest) * 60}%` }}></span><b>${rate(transfer.mbPerSecond)}</b></span></td>
        <td class="number">${transfer.blksize ?? '–'}${(transfer.windowsize ?? 1) > 1 ? ` × ${transfer.windowsize}` : ''}</td>
        <td class=${`number ${transfer.retransmissions > 0 ? 'warn' : 'dim'}`}>${transfer.retransmissions}</td>
        <td class="wide"><${RttStrip} rtt=${transfer.rttUs} /></td>
        ${([transfer.rttUs.p50, transfer.rttUs.p95, transfer.rttUs.p99, transfer.rttUs.max]).map((us) => html`<td class="number">${duration(us / 1000)}</td>`)}
      </tr>`,
      )}</tbody>
    </table></div>
  <//>`;
}

/** Latency on a logarithmic scale from 10 µs to 10 s: six decades hold everything from loopback to a lossy WAN. */
function RttStrip({ rtt }: { rtt: Transfer['rttUs'] }): View {
  const at = (us: number): number => Math.min(100, Math.max(0, (Math.log10(Math.max(us, 10)) - 1) * (100 / 6)));
  const text = Object.entries(rtt)
    .map(([name, us]) => `${name} ${duration(us / 1000)}`)
    .join(', ');
  return html`<span class="rtt" role="img" aria-label=${text} title=${text}>
    <span class="rtt-range" style=${{ left: `${at(rtt.p50)}%`, width: `${Math.max(1.5, at(rtt.p99) - at(rtt.p50))}%` }}></span><span class="rtt-max" style=${{ left: `${at(rtt.max)}%` }}></span>
  </span>`;
}

/** Time spent in pxewright itself. */
export function LabTimings({ scenario }: { scenario: ScenarioResult }): View {
  const timings = scenario.labTimings ?? [];
  if (timings.length === 0) return null;
  const endMs = Math.max(...timings.map(({ startMs, durationMs }) => startMs + durationMs), 1);
  return html`<${Section} title="Time spent in pxewright itself" note=${duration(endMs)}>
    <table class="figures lab"><tbody>${timings.map(
      ({ title, startMs, durationMs }) => html`<tr>
      <th scope="row">${printable(title)}</th><td class="number">${duration(durationMs)}</td>
      <td class="wide"><span class="lane"><span class="meter" style=${{ left: `${(startMs / endMs) * 100}%`, width: `${(durationMs / endMs) * 100}%` }}></span></span></td>
    </tr>`,
    )}</tbody></table>
  <//>`;
}
