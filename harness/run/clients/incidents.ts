import type { Step } from '../../../reports/result.ts';
import type { IncidentPlan } from '../../plan/plan.ts';
import { isEvent, type AgentRecord } from './booting-client.ts';

/** What an incident does to a VM. */
export interface Incidents {
  /** Takes the cable of its network card out, or plugs it in. */
  readonly plug: (isIn: boolean) => Promise<void>;
  /** Stops its processors, or lets them go on. */
  readonly pause: (isPaused: boolean) => Promise<void>;
  readonly powerOff: () => Promise<void>;
  /** Waits; resolves with false, and sooner, when the VM or its story ends meanwhile. */
  readonly wait: (ms: number) => Promise<boolean>;
  /** Waits until another client has passed a step, in the same way. */
  readonly untilPassed: (client: string, step: string) => Promise<boolean>;
  readonly tell: (text: string) => void;
}

/**
 * Brings about what the scenario has planned for a moment: the name of a screen or event of the agent, or of a step, and how far the
 * event says that the client is. Each comes once.
 */
export function incidentsOf(
  planned: readonly IncidentPlan[],
  { plug, pause, powerOff, wait, untilPassed, tell }: Incidents,
): (moment: string, percent?: number) => Promise<void> {
  const left = new Set(planned);
  const bringAbout = async (incident: IncidentPlan): Promise<void> => {
    const { delayMs, what, forMs, until } = incident;
    const when = whenOf(incident);
    if (delayMs !== undefined && !(await wait(delayMs))) return;
    if (what === 'power-off') {
      tell(`power off, as planned (${when})`);
      return powerOff();
    }
    const { begun, over } = LASTING[what];
    const act = what === 'pause' ? pause : (isOut: boolean) => plug(!isOut);
    tell(`${begun}${howLong(incident)}, as planned (${when})`);
    await act(true);
    const isTime =
      until === undefined ? forMs !== undefined && (await wait(forMs)) : await untilPassed(until.client, until.step);
    if (!isTime) return;
    await act(false);
    tell(over);
  };
  return async (moment, said = 0) => {
    const now = [...left].filter(({ when, percent = 0 }) => when === moment && said >= percent);
    for (const incident of now) left.delete(incident);
    await Promise.all(now.map(bringAbout));
  };
}

/** Incidents that have an end, in words. */
const LASTING = {
  unplug: { begun: 'cable unplugged', over: 'cable plugged in again' },
  pause: { begun: 'stands still', over: 'goes on' },
} as const satisfies Record<Exclude<IncidentPlan['what'], 'power-off'>, unknown>;

const whenOf = ({ when, percent }: IncidentPlan): string => (percent === undefined ? when : `${when}, ${percent} %`);

function howLong({ forMs, until }: IncidentPlan): string {
  if (until !== undefined) return ` until ${until.client} has passed ${until.step}`;
  return forMs === undefined ? '' : ` for ${forMs / 1000} s`;
}

/** The moment that a record of the agent is: the name of a screen, or of another event without its `agent.`; and how far the client then is. */
export function momentOf(record: AgentRecord): { readonly moment: string; readonly percent?: number } {
  const { name, percent } = record.detail ?? {};
  return {
    moment: isEvent(record, 'agent.screen') && typeof name === 'string' ? name : record.event.replace(/^agent\./, ''),
    ...(typeof percent === 'number' ? { percent } : {}),
  };
}

/** Incidents that a scenario has planned for a moment that did not come, each in one sentence. */
export function missedIncidents(
  planned: readonly IncidentPlan[],
  steps: readonly Pick<Step, 'step' | 'verdict'>[],
  agent: readonly AgentRecord[],
): string[] {
  const moments = agent.map(momentOf);
  return planned
    .filter(
      ({ when, percent: least = 0 }) =>
        !steps.some(({ step, verdict }) => step === when && verdict === 'passed') &&
        !moments.some(({ moment, percent = 0 }) => moment === when && percent >= least),
    )
    .map(
      (incident) =>
        `the incident ${incident.what} did not happen: its moment (${whenOf(incident)}) did not come, so that this boot shows nothing of it`,
    );
}
