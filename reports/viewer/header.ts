import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { countedAttempts } from '../attempts.ts';
import type { View } from './parts.ts';
import type { Result, Verdict } from '../result.ts';
import { duration, plural, printable, verdictCounts } from '../text.ts';
import { VERDICT_ORDER } from './verdict-order.ts';

/** The run in one glance: verdict, counts, where it ran and with what. */
export function Header({ result }: { result: Result }): View {
  const { host } = result;
  const counted = countedAttempts(result.scenarios);
  const total = Math.max(1, counted.length);
  const started = new Date(result.startedAt);
  return html`<header class=${`top ${result.verdict}`}>
    <div class="top-line">
      <span class="brand">pxewright</span>
      <h1>${
        result.scenarios.length === 0
          ? 'Nothing ran'
          : VERDICT_ORDER.map((verdict) => {
              const count = counted.filter((scenario) => scenario.verdict === verdict).length;
              return count === 0
                ? null
                : html`<span class=${verdict}>${verdictCounts(Array<Verdict>(count).fill(verdict))}</span>`;
            })
      }</h1>
      <${ThemeButton} />
    </div>
    <div class="tally" aria-hidden="true">${VERDICT_ORDER.map((verdict) => {
      const count = counted.filter((scenario) => scenario.verdict === verdict).length;
      return count === 0 ? null : html`<span class=${verdict} style=${{ width: `${(count / total) * 100}%` }}></span>`;
    })}</div>
    <div class="host">
      <span><b class="accel">${host.accel}</b> ${printable(host.accelReason)}</span>
      <span>${plural(host.cpus, 'CPU')}, ${(host.memoryMiB / 1024).toFixed(1)} GiB</span>
      <span><time datetime=${result.startedAt}>${Number.isNaN(started.getTime()) ? printable(result.startedAt) : started.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>, ${duration(result.durationMs)}</span>
      <span class="versions">${Object.entries(host.versions).map(([name, version]) => html`<span>${printable(name)} <b>${printable(version)}</b></span>`)}</span>
    </div>
  </header>`;
}

const THEMES = ['auto', 'light', 'dark'] as const;

/** Light, dark, or as the system says. */
function ThemeButton(): View {
  const [theme, setTheme] = useState<(typeof THEMES)[number]>('auto');
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  const turn = (): void => {
    document.documentElement.style.colorScheme = next === 'auto' ? '' : next;
    setTheme(next);
  };
  return html`<button type="button" class="theme" onClick=${turn} title="Colours: auto, light, dark">${theme}</button>`;
}
