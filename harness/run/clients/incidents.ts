import type { IncidentPlan } from '../../plan/plan.ts';

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
  const bringAbout = async ({ when: name, percent, delayMs, what, forMs }: IncidentPlan): Promise<void> => {
    const when = percent === undefined ? name : `${name}, ${percent} %`;
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
