import type { Scenario } from '../scenario/scenario.ts';

/** Share of the image store: WDS's own name. */
export function shareName(scenario: Scenario): string {
  return scenario.services.images?.share ?? 'REMINST';
}

/** NetBIOS domain of the accounts: the reference trace's. */
export function accountDomain(scenario: Scenario): string {
  return scenario.services.authentication?.domain ?? 'SYSTEM';
}
