import { join } from 'node:path';
import { XMLBuilder } from 'fast-xml-parser';
import { expectedFailureText, findings, reasonOf } from '../findings.ts';
import type { Reporter } from '../reporter.ts';
import type { ClientResult, Result, ScenarioResult, Step } from '../result.ts';
import { RUN_FILES } from '../file-names.ts';
import { writeAtomically } from '../run-folder.ts';
import { frameList, moment, stepDetail } from '../text.ts';

// The JUnit format as Ant writes and Jenkins, GitLab and GitHub read it: testsuites > testsuite > testcase, with
// `failure` (the client or server under test) apart from `error` (our lab). One testcase is one attempt of one
// scenario.

/* eslint-disable no-control-regex -- finding control characters is the purpose */
/**
 * What XML 1.0 cannot hold even as a character reference (section 2.2, production Char): one such byte voids the whole
 * file.
 */
const NOT_XML =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/* eslint-enable no-control-regex */

/** `text` without the characters that XML 1.0 forbids. */
function xmlText(text: string): string {
  return text.replace(NOT_XML, '');
}

/** A Result as JUnit XML. */
export function junitXml(result: Result): string {
  const suites = Object.entries(Object.groupBy(result.scenarios, (scenario) => scenario.file));
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the successor package is not a dependency yet; this builder stays in fast-xml-parser 5
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    textNodeName: '#',
    processEntities: true,
    suppressBooleanAttributes: false,
  });
  const body: unknown = builder.build({
    testsuites: {
      ...attributes({ name: 'pxewright', ...counts(result.scenarios), time: seconds(result.durationMs) }),
      testsuite: suites.map(([file, scenarios = []]) => suite(result, file, scenarios)),
    },
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${String(body)}`;
}

/** Writes `junit.xml` into the run's folder (or to `path`) at the run's end. */
export function createJUnitReporter(options: { readonly path?: string } = {}): Reporter {
  return {
    version: 1,
    onRunEnd: (result, folder) => writeAtomically(options.path ?? join(folder, RUN_FILES.junit), junitXml(result)),
  };
}

function suite(result: Result, file: string, scenarios: readonly ScenarioResult[]): object {
  const properties = {
    accel: result.host.accel,
    'accel.reason': result.host.accelReason,
    cpus: result.host.cpus,
    'memory.MiB': result.host.memoryMiB,
  };
  const versions = Object.entries(result.host.versions).map(([name, version]) => [`version.${name}`, version] as const);
  return {
    ...attributes({
      name: file,
      ...counts(scenarios),
      time: seconds(scenarios.reduce((sum, s) => sum + s.durationMs, 0)),
      timestamp: scenarios[0]?.startedAt ?? result.startedAt,
    }),
    properties: {
      property: [...Object.entries(properties), ...versions].map(([name, value]) => attributes({ name, value })),
    },
    testcase: scenarios.map(testcase),
  };
}

function testcase(scenario: ScenarioResult): object {
  const properties = [
    ['attempt', scenario.attempt] as const,
    ...(scenario.capture === undefined
      ? []
      : [['capture.frames', scenario.capture.frames] as const, ['capture.dropped', scenario.capture.dropped] as const]),
    ...scenario.clients.flatMap((client) =>
      Object.entries(client.phases).map(([phase, ms]) => [`phase.${client.name}.${phase}.ms`, Math.round(ms)] as const),
    ),
    ...scenario.clients.flatMap((client) =>
      client.transfers.map(
        (transfer) => [`transfer.${client.name}.${transfer.path}.MBps`, transfer.mbPerSecond] as const,
      ),
    ),
  ];
  return {
    ...attributes({
      name: scenario.attempt > 1 ? `${scenario.name} (attempt ${scenario.attempt})` : scenario.name,
      classname: scenario.id,
      file: scenario.file,
      time: seconds(scenario.durationMs),
    }),
    properties: { property: properties.map(([name, value]) => attributes({ name, value })) },
    ...outcome(scenario),
    'system-out': { '#': xmlText(systemOut(scenario)) },
  };
}

function outcome(scenario: ScenarioResult): object {
  const message = reasonOf(scenario) ?? 'no reason was recorded';
  const text = xmlText(
    findings(scenario)
      .map(({ client, step }) => `${client}: ${findingText(step)}`)
      .join('\n'),
  );
  if (scenario.verdict === 'failed')
    return { failure: { ...attributes({ message, type: findings(scenario)[0]?.step.cause ?? 'failed' }), '#': text } };
  if (scenario.verdict === 'error') return { error: { ...attributes({ message, type: 'lab-error' }), '#': text } };
  if (scenario.verdict === 'skipped') return { skipped: attributes({ message }) };
  return {};
}

function systemOut(scenario: ScenarioResult): string {
  const expected = expectedFailureText(scenario);
  const files = [
    ...(scenario.capture === undefined ? [] : [scenario.capture.file]),
    ...scenario.clients.flatMap((client) => [
      ...(client.serialLog === undefined ? [] : [client.serialLog]),
      ...(client.screenshots ?? []).map(({ file }) => file),
    ]),
  ];
  return [
    '',
    ...(expected === undefined ? [] : [expected]),
    ...scenario.clients.flatMap(clientLines),
    ...(scenario.rerun ?? []).map((command) => `run again: ${command}`),
    // Jenkins' attachments plugin and GitLab read these lines; the path must stand alone on its line.
    ...files.map((file) => `[[ATTACHMENT|${file}]]`),
    '',
  ].join('\n');
}

function clientLines(client: ClientResult): string[] {
  return [
    `${client.name} ${client.mac} ${client.firmware} ${client.nic}: ${client.verdict}`,
    ...client.steps.map((step) =>
      `  ${moment(step.atMs).padStart(9)} ${step.verdict.padEnd(8)} ${step.step} ${stepDetail(step)} ${frameList(step.frames)}`.trimEnd(),
    ),
  ];
}

function findingText(step: Step): string {
  const parts = [
    `${step.step} at ${moment(step.atMs)}${step.frames.length > 0 ? `, frame ${frameList(step.frames)}` : ''}`,
  ];
  for (const key of ['expected', 'actual', 'why'] as const)
    if (step[key] !== undefined) parts.push(`  ${key}: ${step[key]}`);
  return parts.join('\n');
}

function counts(scenarios: readonly ScenarioResult[]): Record<string, number> {
  const count = (verdict: string): number => scenarios.filter((scenario) => scenario.verdict === verdict).length;
  return { tests: scenarios.length, failures: count('failed'), errors: count('error'), skipped: count('skipped') };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`@${name}`, xmlText(String(value))]));
}
