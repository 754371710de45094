import { busyHost } from './busy-host.ts';
import { attemptsByRepetition, isFlaky, repetitionName } from './attempts.ts';
import type { ClientResult, Result, ScenarioResult, Step } from './result.ts';
import { failedAndSaysWhy, reasonOfClients } from './client-reasons.ts';
import { plural } from './text.ts';
import { isBad, needsAttention } from './worst-verdict.ts';

/** Something that went wrong, and the client that it belongs to: a step, or what no step holds, such as its disk. */
export type Finding = { readonly client: string } & (
  | {
      /** Of several that failed alike, the first. */
      readonly step: Step;
      /** How often it failed alike: the same step, with the same cause, about the same file. */
      readonly times: number;
    }
  | { readonly step?: undefined; readonly why: string }
);

/** The findings that are steps. */
export type StepFinding = Extract<Finding, { readonly step: Step }>;

/**
 * Everything that made a scenario fail (or an error), client by client: its failed steps in wire order, then what was
 * found beside the wire. For an inconclusive one, what is open. For a scenario that passed, the steps that were expected
 * to fail.
 */
export function findings(scenario: Pick<ScenarioResult, 'clients' | 'why' | 'verdict'>): Finding[] {
  const clients = decidingClients(scenario);
  const failed = clients.filter(isBad);
  const bad = failed.length > 0 ? failed : clients.filter(needsAttention);
  return (bad.length > 0 ? bad : clients).flatMap((client): Finding[] => {
    const steps = client.steps.filter(isBad);
    const told = [
      ...eachOnce(steps).map((alike) => ({ client: client.name, ...alike })),
      ...(client.findings ?? []).map((why) => ({ client: client.name, why })),
    ];
    // A broken lab is the scenario's reason, and so is the one boot that is open; no client has to repeat it.
    const own = client.verdict !== 'failed' && client.why === scenario.why ? undefined : client.why;
    if (own === undefined || client.verdict === 'skipped' || (told.length > 0 && client.verdict !== 'inconclusive'))
      return told;
    return [{ client: client.name, why: own }, ...told];
  });
}

/** Steps that failed alike, each once and with its number: the first one shows what all of them do. */
function eachOnce(steps: readonly Step[]): { readonly step: Step; readonly times: number }[] {
  const alike = Map.groupBy(steps, (step) =>
    step.cause === undefined ? step : `${step.step} ${step.cause} ${step.detail?.['path'] ?? ''}`,
  );
  return [...alike.values()].flatMap((all) => (all[0] === undefined ? [] : [{ step: all[0], times: all.length }]));
}

/** `, 5 times`, for a finding that is one of several; empty for a single one. */
export function timesText({ times }: Pick<StepFinding, 'times'>): string {
  return times === 1 ? '' : `, ${times} times`;
}

/** Hosts that do not boot over the network are no part of the verdict, unless they are all that was asked for. */
function decidingClients({ clients, verdict }: Pick<ScenarioResult, 'clients' | 'verdict'>): readonly ClientResult[] {
  const booting = clients.filter((client) => client.booting !== false);
  return booting.length > 0 || verdict === 'inconclusive' ? booting : clients;
}

/** The findings of a scenario that are steps, as `findings` orders them. */
export function failedSteps(scenario: Pick<ScenarioResult, 'clients' | 'why' | 'verdict'>): StepFinding[] {
  return findings(scenario).filter((finding): finding is StepFinding => finding.step !== undefined);
}

/**
 * Why a scenario has its verdict, in one sentence: its own words, else its clients', else its first finding's. Says how
 * many findings it leaves out, and of a failed one that its VMs lacked a processor.
 */
export function reasonOf(scenario: ScenarioResult): string | undefined {
  const reason = scenario.why ?? reasonOfClients(scenario.clients) ?? failedSteps(scenario)[0]?.step.why;
  const { length } = findings(scenario);
  const told = Math.max(1, scenario.clients.filter(failedAndSaysWhy).length);
  if (reason === undefined || scenario.verdict !== 'failed') return reason;
  const more = length <= told ? '' : ` (and ${plural(length - told, 'more finding')})`;
  const busy = busyHost(scenario);
  return `${reason}${more}${busy === undefined ? '' : `; ${busy}`}`;
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
