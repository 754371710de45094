import { busyHost } from '../../reports/busy-host.ts';
import { findings, type Finding, timesText } from '../../reports/findings.ts';
import type { ScenarioResult, Step } from '../../reports/result.ts';

/**
 * The message of a scenario that did not pass: everything that went wrong for each client, expected against actual and the
 * likeliest cause, where the report is, and how to run it again.
 */
export function describeFailure(result: ScenarioResult, report?: string): string {
  const found = findings(result).flatMap(describeFinding);
  const busy = busyHost(result);
  return [
    `${result.id}: ${HEADLINES[result.verdict]}${result.why === undefined ? '' : `: ${result.why}`}`,
    ...found,
    ...(busy === undefined ? [] : [busy]),
    ...(report === undefined ? [] : [`report: ${report}`]),
    ...(result.rerun ?? []).map((command) => `run it again: ${command}`),
  ].join('\n');
}

const HEADLINES: Readonly<Record<ScenarioResult['verdict'], string>> = {
  passed: 'passed',
  failed: 'failed',
  inconclusive: 'inconclusive',
  error: 'no verdict, the lab failed',
  skipped: 'skipped',
};

function describeFinding(finding: Finding): string[] {
  const { client, step } = finding;
  if (step === undefined) return [`${client}: ${finding.why}`];
  return [
    `${client}: ${describeStep(step)}${timesText(finding)}`,
    ...field('expected', step.expected),
    ...field('actual', step.actual),
    ...field('why', step.why),
  ];
}

function describeStep(step: Step): string {
  const [first, last = first] = [step.frames[0], step.frames.at(-1)];
  const frames =
    first === undefined ? '' : first === last ? `, frame ${first}` : `, frames ${first} to ${String(last)}`;
  return `${step.step} at ${(step.atMs / 1000).toFixed(1)} s${frames}${step.cause === undefined ? '' : ` (${step.cause})`}`;
}

function field(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`  ${`${name}:`.padEnd(10)}${value}`];
}
