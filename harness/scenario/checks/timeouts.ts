import { DEFAULT_TIMEOUT_MS } from '../defaults.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import type { Problem } from '../scenario-error.ts';

/** A capture hands its frames over up to 2.5 s late; what is shorter than twice that is no silence. */
const SHORTEST_IDLE_MS = 5000;

/** That an idle timeout can be measured, and can come before the timeout. */
export function checkTimeouts({ timeout = DEFAULT_TIMEOUT_MS, 'idle-timeout': idle }: ScenarioContent): Problem[] {
  if (idle === undefined) return [];
  const problem = (expected: string): Problem[] => [{ path: ['idle-timeout'], expected, got: `${idle / 1000}s` }];
  if (idle < SHORTEST_IDLE_MS) return problem(`at least ${SHORTEST_IDLE_MS / 1000}s`);
  return idle >= timeout ? problem(`less than the timeout of ${timeout / 1000}s`) : [];
}
