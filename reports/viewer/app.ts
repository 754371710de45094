import { html } from 'htm/preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { flakyScenarios } from '../findings.ts';
import { Header } from './header.ts';
import type { PageData } from '../html/page-types.ts';
import { bootedMatrices } from '../matrix/matrix-boots.ts';
import { MatrixGrid } from './matrix-grid.ts';
import type { View } from './parts.ts';
import { phaseColours } from './phase-colours.ts';
import type { Verdict } from '../result.ts';
import { ScenarioView } from './scenario-view.ts';
import {
  firstClient,
  firstSelection,
  parseSelection,
  selectionHash,
  visibleScenarios,
  type Selection,
} from './selection.ts';
import { Sidebar } from './sidebar.ts';

/** The whole page. */
export function App({ data }: { data: PageData }): View {
  const { result } = data;
  const [selection, setSelection] = useState<Selection>(
    () => parseSelection(location.hash, result) ?? firstSelection(result),
  );
  const [query, setQuery] = useState('');
  const [wanted, setWanted] = useState<ReadonlySet<Verdict>>(new Set());
  const flaky = useMemo(() => flakyScenarios(result), [result]);
  const colourOf = useMemo(() => phaseColours(result), [result]);
  const matrices = useMemo(() => bootedMatrices(result), [result]);
  const visible = useMemo(() => visibleScenarios(result, query, wanted), [result, query, wanted]);

  useEffect(() => {
    const follow = (): void => {
      const there = parseSelection(location.hash, result);
      if (there !== undefined) setSelection(there);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [result]);

  const select = (next: Selection): void => {
    setSelection(next);
    history.pushState(null, '', selectionHash(next));
  };
  const scenario = result.scenarios[selection.scenario];
  const show = (index: number): void => select({ scenario: index, client: firstClient(result, index) });
  return html`<a class="skip" href="#scenario" onClick=${(event: Event) => {
    event.preventDefault();
    document.getElementById('scenario')?.focus();
  }}>Skip to the scenario</a>
    <${Header} result=${result} />
    ${matrices.map((matrix) => html`<${MatrixGrid} key=${matrix.scenario} matrix=${matrix} selected=${selection.scenario} select=${show} />`)}
    <div class="body">
      <${Sidebar} result=${result} colourOf=${colourOf} visible=${visible} selected=${selection.scenario} query=${query} wanted=${wanted} flaky=${flaky} setQuery=${setQuery} setWanted=${setWanted} select=${show} />
      ${scenario === undefined ? html`<main id="scenario"><p class="note">No scenario ran, so there is nothing to show.</p></main>` : html`<${ScenarioView} scenario=${scenario} colourOf=${colourOf} evidence=${data.evidence[selection.scenario]} selection=${selection} select=${select} />`}
    </div>`;
}
