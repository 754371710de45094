import { printable } from '../text.ts';
import { cut } from './width.ts';
import { painter, type TerminalStyle } from './style.ts';

/** A scenario that runs now, as the live part of the terminal shows it. */
export interface LiveScenario {
  readonly name: string;
  /** On the process's monotonic clock. */
  readonly startedMs: number;
  /** What each client does: its last step or the progress text that came since. */
  readonly doing: Map<string, string>;
  /** The lab's own current step; empty between steps. */
  readonly lab: string;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/**
 * The lines that are redrawn in place: one for each running scenario and one for each setup job, and who waits, cut to the
 * terminal's width.
 */
export function liveFrame(
  scenarios: readonly LiveScenario[],
  setups: ReadonlyMap<string, string>,
  waiting: string | undefined,
  view: { readonly style: TerminalStyle; readonly tick: number; readonly columns: number; readonly nowMs: number },
): string {
  const paint = painter(view.style);
  const spinner = paint('cyan', view.style.unicode ? (SPINNER[view.tick % SPINNER.length] ?? '') : '*');
  const room = Math.max(20, (view.columns || 80) - 4);
  const setupLines = [...setups].map(
    ([title, detail]) => `${spinner} ${cut(`${printable(title)}  ${printable(detail)}`, room)}`,
  );
  const scenarioLines = scenarios.map((scenario) => {
    const elapsed = `${((view.nowMs - scenario.startedMs) / 1000).toFixed(1)} s`;
    const clients = [...scenario.doing]
      .map(([client, text]) => (scenario.doing.size > 1 ? `${client} ${text}` : text))
      .join(' · ');
    const doing =
      scenario.lab !== '' && scenario.doing.size === 0
        ? scenario.lab
        : clients || 'powered on, waiting for the first frame';
    return `${spinner} ${elapsed.padStart(7)} ${cut(`${printable(scenario.name)}  ${printable(doing)}`, room - 8)}`;
  });
  const waitingLines = waiting === undefined ? [] : [`  ${cut(waiting, room)}`];
  return [...setupLines, ...scenarioLines, ...waitingLines].join('\n');
}
