import type { ScenarioResult } from '../../reports/result.ts';

/** What a scenario's run came to, and where a person can look at it. */
export interface ScenarioRun {
  readonly result: ScenarioResult;
  /** Absolute path of the report, for failure messages. */
  readonly report?: string;
}
