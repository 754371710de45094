import type { Step } from '../../../reports/result.ts';
import type { IncidentPlan } from '../../plan/plan.ts';
import { isEvent, type AgentRecord } from './booting-client.ts';

/** What an incident does to a VM. */
export interface Incidents {
  /** Takes the cable of its network card out, or plugs it in. */
  readonly plug: (isIn: boolean) => Promise<void>;
  readonly powerOff: () => Promise<void>;
  /** Waits, or less when the VM ends meanwhile. */
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (text: string) => void;
}

/**
 * Brings about what the scenario has planned for a moment: the name of a screen or event of the agent, or of a step, and how far the
 * event says that the client is. Each comes once.
 */
export function incidentsOf(
  planned: readonly IncidentPlan[],
  { plug, powerOff, wait, tell }: Incidents,
): (moment: string, percent?: number) => Promise<void> {
  const left = new Set(planned);
  const bringAbout = async (incident: IncidentPlan): Promise<void> => {
    const { delayMs, what, forMs } = incident;
    const when = whenOf(incident);
    if (delayMs !== undefined) await wait(delayMs);
    if (what === 'power-off') {
      tell(`power off, as planned (${when})`);
      return powerOff();
    }
    tell(`cable unplugged${forMs === undefined ? '' : ` for ${forMs / 1000} s`}, as planned (${when})`);
    await plug(false);
    if (forMs === undefined) return;
    await wait(forMs);
    await plug(true);
    tell('cable plugged in again');
  };
  return async (moment, said = 0) => {
    const now = [...left].filter(({ when, percent = 0 }) => when === moment && said >= percent);
    for (const incident of now) left.delete(incident);
    await Promise.all(now.map(bringAbout));
  };
}

const whenOf = ({ when, percent }: IncidentPlan): string => (percent === undefined ? when : `${when}, ${percent} %`);

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
