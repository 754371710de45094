import type { ScenarioContent } from './schema/scenario.ts';

/** Where a scenario came from. */
export interface ScenarioSource {
  /** The file as the user gave it. */
  readonly file: string;
  /** Absolute folder of the file: relative paths inside the scenario start here. */
  readonly folder: string;
  /** Folders outside of it that the user allows and this scenario uses, as the user gave them. */
  readonly allowRoots?: readonly string[];
  /** `file:line:column` of each step, for messages about an expectation. */
  readonly steps: readonly string[];
  /** The same for each client's own steps; empty for a client without any. */
  readonly clientSteps: readonly (readonly string[])[];
}

/** A valid scenario: every value parsed, every reference checked, nothing defaulted yet (that is the plan's work). */
export interface Scenario extends ScenarioContent {
  readonly source: ScenarioSource;
}
