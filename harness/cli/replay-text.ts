import type { Result } from '../../reports/result.ts';
import { shownClients, type ClientChoice } from '../../reports/shown-clients.ts';
import { captureLines } from '../../reports/terminal/capture-lines.ts';
import { terminalStyle } from '../../reports/terminal/style.ts';
import { createTerminalReporter } from '../../reports/terminal/terminal.ts';

/**
 * Prints a replay for a person: the capture and its clients, the steps of those that are shown, unless they were seen
 * as they happened, and the summary.
 */
export function printReplay(
  result: Result,
  choice: ClientChoice,
  { stream = process.stdout, stepsSeen = false }: { stream?: NodeJS.WriteStream; stepsSeen?: boolean } = {},
): void {
  // All has happened: nothing moves on the screen.
  const style = { ...terminalStyle(stream, process.env), live: false };
  const columns = stream.isTTY ? stream.columns : undefined;
  const reporter = createTerminalReporter({ files: false, stream, style });
  const scenarios = result.scenarios.map((scenario) => {
    const clients = shownClients(scenario.clients, choice);
    const { id, name, attempt } = scenario;
    reporter.onScenarioBegin?.({ id, name, attempt });
    stream.write(`${captureLines(scenario, clients, style, columns).join('\n')}\n`);
    for (const client of stepsSeen ? [] : clients.shown)
      for (const step of client.steps) reporter.onStep?.({ scenario: id, client: client.name, step });
    const shown = { ...scenario, clients: [...clients.shown] };
    reporter.onScenarioEnd?.(shown);
    return shown;
  });
  void reporter.onRunEnd?.({ ...result, scenarios }, '.');
}
