import { join } from 'node:path';
import { countedAttempts, repetitionName, triesText } from '../attempts.ts';
import { busyHost } from '../busy-host.ts';
import {
  expectedFailureText,
  findings,
  flakyScenarios,
  reasonOf,
  slowestPhases,
  type Finding,
  timesText,
} from '../findings.ts';
import { guestFacts, partitionText } from '../guest-text.ts';
import { firmwareText, tpmText } from '../firmware-text.ts';
import { explainFailures } from '../matrix/explain-failures.ts';
import { bootedMatrices } from '../matrix/matrix-boots.ts';
import type { WrittenFile } from '../reporter.ts';
import type { Result, ScenarioResult } from '../result.ts';
import { duration, frameList, moment, plural, printable, rate, byteCount, verdictCounts } from '../text.ts';
import { phaseBar } from './phase-bar.ts';
import { reasonLines } from './step-line.ts';
import { painter, verdictText, type TerminalStyle } from './style.ts';
import { needsAttention } from '../worst-verdict.ts';

const BAR_WIDTH = 48;
const SLOWEST_SHOWN = 3;

/**
 * The summary after a run, for a person: verdicts and phases, failures in full, slowest phases, where the evidence is.
 */
export function summaryLines(
  result: Result,
  folder: string,
  style: TerminalStyle,
  view: { readonly files?: readonly WrittenFile[] | undefined; readonly columns?: number | undefined } = {},
): string[] {
  const paint = painter(style);
  const flaky = flakyScenarios(result);
  const ran = result.scenarios.filter(({ notRun }) => notRun !== true);
  const bad = ran.filter(needsAttention);
  return [
    '',
    ...ran.flatMap((scenario) => scenarioLines(scenario, style, flaky.has(repetitionName(scenario)), view.columns)),
    ...notRunLines(result, style),
    ...bad.flatMap((scenario) => failureLines(scenario, style, view.columns)),
    ...slowestLines(result, style),
    ...bootedMatrices(result)
      .flatMap(explainFailures)
      .map((text) => `  ${paint('bold', printable(text))}`),
    '',
    `  ${verdictText(result.verdict, style)}  ${verdictCounts(countedAttempts(result.scenarios).map(({ verdict }) => verdict))}${flaky.size > 0 ? `, ${flaky.size} of them flaky` : ''} in ${duration(result.durationMs)}  ${paint('gray', `${result.host.accel}: ${printable(result.host.accelReason)}`)}`,
    ...(view.files
      ? [
          ...view.files.map(({ what, path }) => `  ${paint('gray', what.padEnd(7))} ${path}`),
          ...captureLines(result, folder, style),
        ]
      : []),
    '',
  ];
}

/** Scenarios that the run did not come to: how many for each reason, and which. */
function notRunLines(result: Result, style: TerminalStyle): string[] {
  const left = Map.groupBy(
    result.scenarios.filter(({ notRun }) => notRun === true),
    (scenario) => reasonOf(scenario) ?? 'no reason was recorded',
  );
  return [...left].flatMap(([why, scenarios]) => [
    `  ${verdictText('skipped', style)}  ${plural(scenarios.length, 'scenario')}: ${printable(why)}`,
    ...scenarios.map((scenario) => `      ${painter(style)('gray', printable(repetitionName(scenario)))}`),
  ]);
}

function scenarioLines(
  scenario: ScenarioResult,
  style: TerminalStyle,
  flaky: boolean,
  columns: number | undefined,
): string[] {
  const paint = painter(style);
  const tries = [triesText(scenario), ...(flaky && scenario.verdict === 'passed' ? ['flaky'] : [])].filter(Boolean);
  const head = `  ${verdictText(scenario.verdict, style)}  ${paint('bold', printable(scenario.name))}  ${paint('gray', [printable(scenario.id), tries.join(', ')].join(' ').trimEnd())}  ${paint('gray', duration(scenario.durationMs))}`;
  const indent = '      ';
  const note = expectedFailureText(scenario) ?? (scenario.verdict === 'skipped' ? reasonOf(scenario) : undefined);
  const clients = scenario.clients.filter((client) => Object.keys(client.phases).length > 0);
  return [
    head,
    ...(note === undefined ? [] : [`${indent}${printable(note)}`]),
    ...skippedClients(scenario).map((text) => `${indent}${printable(text)}`),
    ...clients.flatMap((client) => {
      const { bar, legend } = phaseBar(
        client.phases,
        style,
        BAR_WIDTH,
        columns === undefined ? undefined : columns - indent.length,
      );
      const whose = clients.length > 1 ? `${printable(client.name)} ` : '';
      const largest = client.transfers.reduce<(typeof client.transfers)[number] | undefined>(
        (most, transfer) => (most === undefined || transfer.bytes > most.bytes ? transfer : most),
        undefined,
      );
      return [
        `${indent}${whose}${bar}`,
        ...legend.map((line) => `${indent}${line}`),
        ...(largest === undefined
          ? []
          : [
              `${indent}${paint('gray', `largest transfer: ${largest.protocol} ${printable(largest.path)}, ${byteCount(largest.bytes)} at ${rate(largest.mbPerSecond)}`)}`,
            ]),
        // What was found of one that did not pass stands below, as a finding.
        ...(needsAttention(client) ? [] : (client.findings ?? [])).map(
          (text) => `${indent}${paint('gray', `noticed: ${printable(text)}`)}`,
        ),
        ...(client.firmwareVariables === undefined
          ? []
          : [`${indent}${paint('gray', `firmware: ${printable(firmwareText(client.firmwareVariables))}`)}`]),
        ...(client.guest?.disk?.partitions === undefined
          ? []
          : [
              `${indent}${paint('gray', 'disk compared with the one that it was restored from:')}`,
              ...client.guest.disk.partitions.map((one) => `${indent}  ${paint('gray', partitionText(one))}`),
            ]),
        ...(client.guest === undefined ? [] : guestFacts(client.guest)).map(
          ({ text, bad }) => `${indent}${paint(bad ? 'yellow' : 'gray', printable(text))}`,
        ),
        ...(client.tpm === undefined ? [] : [`${indent}${paint('gray', `TPM: ${tpmText(client.tpm)}`)}`]),
      ];
    }),
  ];
}

/** Clients that were never powered on, where the scenario itself was not skipped. */
function skippedClients({ verdict, clients }: ScenarioResult): string[] {
  return verdict === 'skipped'
    ? []
    : clients.filter((client) => client.verdict === 'skipped').map(({ name, why }) => `${name}: ${why ?? 'skipped'}`);
}

function failureLines(scenario: ScenarioResult, style: TerminalStyle, columns: number | undefined): string[] {
  const paint = painter(style);
  const found = findings(scenario);
  const reason = reasonOf(scenario);
  // What every client's findings say is not said again; a broken lab is no client's, and what is open is no finding.
  const isTold = reason === undefined || (scenario.verdict !== 'error' && !isApart(reason, scenario, found));
  const why = isTold ? busyHost(scenario) : reason;
  return [
    '',
    `  ${verdictText(scenario.verdict, style)}  ${paint('bold', printable(scenario.name))}${triesText(scenario) === '' ? '' : ` (${triesText(scenario)})`}`,
    ...found.flatMap((finding) => findingLines(finding, style, columns)),
    ...(why === undefined ? [] : reasonLines({ why }, style, '      ', columns)),
    ...(scenario.rerun ?? []).map(
      (command) => `      ${paint('gray', 'again'.padEnd(8))} ${paint('cyan', printable(command, 1000))}`,
    ),
  ];
}

/** Whether no finding says the reason already. */
function isApart(reason: string, { verdict }: ScenarioResult, found: readonly Finding[]): boolean {
  if (found.length === 0) return true;
  return (
    verdict === 'inconclusive' && !found.some((finding) => finding.step === undefined && reason.includes(finding.why))
  );
}

function findingLines(finding: Finding, style: TerminalStyle, columns: number | undefined): string[] {
  const { client, step } = finding;
  if (step === undefined)
    return [`    ${printable(client)}:`, ...reasonLines({ why: finding.why }, style, '      ', columns)];
  const frames =
    step.frames.length > 0
      ? `, ${step.frames.length === 1 ? 'frame' : 'frames'} ${frameList(step.frames)}`
      : ', no frame came';
  return [
    `    ${printable(client)}: ${painter(style)('bold', step.step)} at ${moment(step.atMs)}${frames}${timesText(finding)}`,
    ...reasonLines(step, style, '      ', columns),
  ];
}

function slowestLines(result: Result, style: TerminalStyle): string[] {
  const slowest = slowestPhases(result)
    .filter(({ ms }) => ms > 0)
    .slice(0, SLOWEST_SHOWN);
  if (slowest.length === 0) return [];
  const several = result.scenarios.length > 1;
  const texts = slowest.map(
    ({ scenario, client, phase, ms }) =>
      `${phase} ${duration(ms)}${several ? painter(style)('gray', ` (${printable(scenario)} ${printable(client)})`) : ''}`,
  );
  return ['', `  ${painter(style)('gray', 'slowest')} ${texts.join(', ')}`];
}

function captureLines(result: Result, folder: string, style: TerminalStyle): string[] {
  return result.scenarios.flatMap(({ capture }) =>
    capture === undefined
      ? []
      : [
          `  ${painter(style)('gray', 'capture')} ${join(folder, printable(capture.file))}  ${painter(style)('gray', `${plural(capture.frames, 'frame')}${capture.dropped > 0 ? `, ${capture.dropped} dropped` : ''}`)}`,
        ],
  );
}
