import { attemptsByRepetition, isFlaky, repetitionName } from './attempts.ts';
import type { Result, ScenarioResult, Step } from './result.ts';

/** A step that went wrong, and the client that it belongs to. */
export interface Finding {
  readonly client: string;
  readonly step: Step;
}

/**
 * Steps that made a scenario fail (or an error), in wire order, client by client; for a scenario that passed, the steps
 * that were expected to fail.
 */
export function findings(scenario: Pick<ScenarioResult, 'clients'>): Finding[] {
  const bad = scenario.clients.filter((client) => client.verdict !== 'passed');
  return (bad.length > 0 ? bad : scenario.clients).flatMap((client) =>
    client.steps
      .filter((step) => step.verdict === 'failed' || step.verdict === 'error')
      .map((step) => ({ client: client.name, step })),
  );
}

/** Why a scenario has its verdict, in one sentence: its own words, else its clients', else its first finding's. */
export function reasonOf(scenario: ScenarioResult): string | undefined {
  return (
    scenario.why ?? scenario.clients.find((client) => client.why !== undefined)?.why ?? findings(scenario)[0]?.step.why
  );
}

/** The sentence that makes a negative scenario's pass readable, or undefined for an ordinary scenario. */
export function expectedFailureText(scenario: ScenarioResult): string | undefined {
  if (scenario.verdict !== 'passed') return undefined;
  const texts = [
    ...(scenario.expectedFailure === undefined ? [] : [failureText(scenario.expectedFailure)]),
    ...scenario.clients.flatMap(({ name, expectedFailure }) =>
      expectedFailure === undefined ? [] : [`${name} at ${failureText(expectedFailure)}`],
    ),
  ];
  return texts.length === 0 ? undefined : `failed as expected: ${texts.join(', ')}`;
}

function failureText({ step, cause }: NonNullable<ScenarioResult['expectedFailure']>): string {
  return `${step}${cause === undefined ? '' : ` (${cause})`}`;
}

/** A phase of one client's boot and how long it took. */
export interface PhaseFigure {
  readonly scenario: string;
  readonly client: string;
  readonly phase: string;
  readonly ms: number;
}

/** Every phase of a run, longest first. */
export function slowestPhases(result: Result): PhaseFigure[] {
  return result.scenarios
    .flatMap((scenario) =>
      scenario.clients.flatMap((client) =>
        Object.entries(client.phases).map(([phase, ms]) => ({ scenario: scenario.id, client: client.name, phase, ms })),
      ),
    )
    .sort((a, b) => b.ms - a.ms);
}

/** Names (`repetitionName`) of scenarios that failed (or broke) first and passed in a later attempt. */
export function flakyScenarios(result: Result): Set<string> {
  return new Set(
    attemptsByRepetition(result.scenarios)
      .filter(isFlaky)
      .flatMap(([first]) => (first === undefined ? [] : [repetitionName(first)])),
  );
}
