import { findings } from '../findings.ts';
import type { Result, ScenarioResult, Verdict } from '../result.ts';
import { isBad, needsAttention } from '../worst-verdict.ts';

/** What the page shows: a scenario, one of its clients, and the step that is open, by position. */
export interface Selection {
  readonly scenario: number;
  readonly client: number;
  readonly step?: number | undefined;
}

/**
 * Scenarios that a person wants to see: of a wanted verdict (none wanted: all) and with every word in name, id, tags,
 * client or reason.
 */
export function visibleScenarios(result: Result, query: string, wanted: ReadonlySet<Verdict>): number[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return result.scenarios.flatMap((scenario, index) => {
    if (wanted.size > 0 && !wanted.has(scenario.verdict)) return [];
    const text = searchText(scenario);
    return words.every((word) => text.includes(word)) ? [index] : [];
  });
}

function searchText(scenario: ScenarioResult): string {
  const clients = scenario.clients.flatMap((client) => [
    client.name,
    client.mac,
    client.ip,
    client.firmware,
    client.nic,
    client.transport,
  ]);
  const reasons = findings(scenario).flatMap((finding) =>
    finding.step === undefined ? [finding.why] : [finding.step.step, finding.step.cause, finding.step.actual],
  );
  return [scenario.id, scenario.name, scenario.verdict, scenario.why, ...(scenario.tags ?? []), ...clients, ...reasons]
    .join(' ')
    .toLowerCase();
}

/** What to show first: what went wrong, else the first scenario; in it the client that went wrong. */
export function firstSelection(result: Result): Selection {
  const positions = (['failed', 'error', 'inconclusive'] as const).map((wanted) =>
    result.scenarios.findIndex(({ verdict }) => verdict === wanted),
  );
  const scenario = positions.find((position) => position >= 0) ?? 0;
  return { scenario, client: firstClient(result, scenario) };
}

/** The client of a scenario to show first. */
export function firstClient(result: Result, scenario: number): number {
  const clients = result.scenarios[scenario]?.clients ?? [];
  const bad = clients.findIndex(isBad);
  return Math.max(0, bad >= 0 ? bad : clients.findIndex(needsAttention));
}

/** `#3`, `#3.0`, `#3.0.12` in an address, or undefined when it names nothing in this result. */
export function parseSelection(hash: string, result: Result): Selection | undefined {
  const match = /^#(\d{1,6})(?:\.(\d{1,6})(?:\.(\d{1,6}))?)?$/.exec(hash);
  const scenario = Number(match?.[1] ?? NaN);
  const shown = result.scenarios[scenario];
  if (match === null || shown === undefined) return undefined;
  const client =
    match[2] === undefined
      ? firstClient(result, scenario)
      : Math.min(Number(match[2]), Math.max(0, shown.clients.length - 1));
  const step = Number(match[3] ?? NaN);
  return { scenario, client, step: shown.clients[client]?.steps[step] === undefined ? undefined : step };
}

/** The address of a selection. */
export function selectionHash({ scenario, client, step }: Selection): string {
  return `#${scenario}.${client}${step === undefined ? '' : `.${step}`}`;
}
