import { html } from 'htm/preact';
import { PhaseStrip } from './figures.ts';
import type { ColourOf } from './phase-colours.ts';
import { Sign, type View } from './parts.ts';
import { repetitionName, triesText } from '../attempts.ts';
import { VERDICT_ORDER } from './verdict-order.ts';
import type { Result, Verdict } from '../result.ts';
import { duration, printable } from '../text.ts';

interface SidebarProps {
  result: Result;
  colourOf: ColourOf;
  visible: readonly number[];
  selected: number;
  query: string;
  wanted: ReadonlySet<Verdict>;
  flaky: ReadonlySet<string>;
  setQuery: (query: string) => void;
  setWanted: (wanted: ReadonlySet<Verdict>) => void;
  select: (scenario: number) => void;
}

/** The list of scenarios with its filters. */
export function Sidebar({
  result,
  colourOf,
  visible,
  selected,
  query,
  wanted,
  flaky,
  setQuery,
  setWanted,
  select,
}: SidebarProps): View {
  const present = VERDICT_ORDER.filter((verdict) => result.scenarios.some((scenario) => scenario.verdict === verdict));
  const toggle = (verdict: Verdict): void => {
    const next = new Set(wanted);
    if (!next.delete(verdict)) next.add(verdict);
    setWanted(next);
  };
  return html`<nav class="sidebar" aria-label="Scenarios">
    <input type="search" placeholder="Filter scenarios" aria-label="Filter scenarios" value=${query} onInput=${(event: InputEvent) => setQuery((event.target as HTMLInputElement).value)} />
    ${present.length < 2 ? null : html`<div class="chips">${present.map((verdict) => html`<button type="button" class=${`chip ${verdict}`} aria-pressed=${wanted.has(verdict)} onClick=${() => toggle(verdict)}>${verdict} <b>${result.scenarios.filter((scenario) => scenario.verdict === verdict).length}</b></button>`)}</div>`}
    <ul>${visible.map((index) => {
      const scenario = result.scenarios[index];
      if (scenario === undefined) return null;
      return html`<li key=${index}><button type="button" class="pick" aria-current=${index === selected ? 'true' : null} onClick=${() => select(index)}>
        <${Sign} verdict=${scenario.verdict} /><span class="pick-name">${printable(scenario.name)}</span><span class="pick-time">${duration(scenario.durationMs)}</span>
        <span class="pick-id">${printable(scenario.id)}${triesText(scenario) === '' ? '' : ` · ${triesText(scenario)}`}${flaky.has(repetitionName(scenario)) ? ' · flaky' : ''}</span>
        ${scenario.clients[0] === undefined ? null : html`<${PhaseStrip} phases=${scenario.clients[0].phases} colourOf=${colourOf} />`}
      </button></li>`;
    })}</ul>
    ${visible.length === 0 ? html`<p class="note">${result.scenarios.length === 0 ? 'Nothing ran.' : 'No scenario matches.'}</p>` : null}
  </nav>`;
}
