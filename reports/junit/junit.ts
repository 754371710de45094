import { join } from 'node:path';
import { XMLBuilder } from 'fast-xml-parser';
import { attemptsByRepetition, countedAttempts } from '../attempts.ts';
import { expectedFailureText, failedSteps, findings, reasonOf, type StepFinding, timesText } from '../findings.ts';
import type { Reporter } from '../reporter.ts';
import type { ClientResult, Result, ScenarioResult, Verdict } from '../result.ts';
import { RUN_FILES } from '../file-names.ts';
import { writeAtomically } from '../run-folder.ts';
import { frameList, moment, stepDetail } from '../text.ts';

// The JUnit format as Ant writes and Jenkins, GitLab and GitHub read it: testsuites > testsuite > testcase, with
// `failure` (the client or server under test) apart from `error` (our lab); what is inconclusive is `skipped`, since the
// format has no word of its own for it, and its message says so. One testcase is one repetition of one
// scenario. Its attempts follow Maven Surefire (surefire-test-report-3.0.xsd, "Rerun failing tests"): where the last
// one passed, the earlier ones are `flakyFailure` or `flakyError`, which a reader that does not know them passes over;
// where none passed, the first one is the `failure` or `error`, and the others are `rerunFailure` or `rerunError`.

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
      ...attributes({
        name: 'pxewright',
        ...counts(countedAttempts(result.scenarios)),
        time: seconds(result.durationMs),
      }),
      testsuite: suites.map(([file, scenarios = []]) => suite(result, file, scenarios)),
    },
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${String(body)}`;
}

/** Writes `junit.xml` into the run's folder (or to `path`) at the run's end. */
export function createJUnitReporter(options: { readonly path?: string } = {}): Reporter {
  return {
    version: 1,
    onRunEnd: async (result, folder) => {
      const path = options.path ?? join(folder, RUN_FILES.junit);
      await writeAtomically(path, junitXml(result));
      return { what: 'junit', path };
    },
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
      ...counts(countedAttempts(scenarios)),
      time: seconds(scenarios.reduce((sum, s) => sum + s.durationMs, 0)),
      timestamp: scenarios[0]?.startedAt ?? result.startedAt,
    }),
    properties: {
      property: [...Object.entries(properties), ...versions].map(([name, value]) => attributes({ name, value })),
    },
    testcase: attemptsByRepetition(scenarios).map(testcase),
  };
}

function testcase(attempts: readonly ScenarioResult[]): object {
  const scenario = attempts.at(-1);
  if (scenario === undefined) return {};
  const properties = [
    ['attempt', scenario.attempt] as const,
    ...(scenario.repetition === undefined ? [] : [['repetition', scenario.repetition] as const]),
    ...(scenario.capture === undefined
      ? []
      : [['capture.frames', scenario.capture.frames] as const, ['capture.dropped', scenario.capture.dropped] as const]),
    ...scenario.clients.flatMap((client) =>
      Object.entries(client.phases).map(([phase, ms]) => [`phase.${client.name}.${phase}.ms`, Math.round(ms)] as const),
    ),
    ...scenario.clients.flatMap((client) =>
      client.transfers.map(
        ({ path, operation = 'get', mbPerSecond }) =>
          [`transfer.${client.name}.${path}${operation === 'get' ? '' : `.${operation}`}.MBps`, mbPerSecond] as const,
      ),
    ),
  ];
  return {
    ...attributes({
      name: scenario.repetition === undefined ? scenario.name : `${scenario.name} (repetition ${scenario.repetition})`,
      classname: scenario.id,
      file: scenario.file,
      time: seconds(attempts.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    }),
    properties: { property: properties.map(([name, value]) => attributes({ name, value })) },
    ...outcome(attempts),
    'system-out': { '#': xmlText(systemOut(attempts)) },
  };
}

/** What became of all attempts; the last one counts. */
function outcome(attempts: readonly ScenarioResult[]): object {
  const last = attempts.at(-1);
  if (last?.verdict === 'passed') return reruns('flaky', attempts.slice(0, -1));
  if (last?.verdict === 'skipped' || last?.verdict === 'inconclusive') return verdictElement(last);
  // The element that counts has the kind of the last attempt, so that counters and verdict agree.
  const first = attempts.find(({ verdict }) => verdict === last?.verdict);
  return first === undefined
    ? {}
    : {
        ...verdictElement(first),
        ...reruns(
          'rerun',
          attempts.filter((attempt) => attempt !== first),
        ),
      };
}

/** Attempts that do not count, as Surefire writes them. */
function reruns(kind: 'flaky' | 'rerun', attempts: readonly ScenarioResult[]): object {
  const elements = (verdict: ScenarioResult['verdict']): object[] =>
    attempts
      .filter((attempt) => attempt.verdict === verdict)
      .map((attempt) => ({
        ...attributes(messageAndType(attempt)),
        stackTrace: { '#': xmlText(findingsText(attempt)) },
        'system-out': { '#': xmlText(attemptOut(attempt).join('\n')) },
      }));
  const [failures, errors] = [elements('failed'), elements('error')];
  return {
    ...(failures.length > 0 ? { [`${kind}Failure`]: failures } : {}),
    ...(errors.length > 0 ? { [`${kind}Error`]: errors } : {}),
  };
}

function verdictElement(scenario: ScenarioResult): object {
  const { message, type } = messageAndType(scenario);
  if (scenario.verdict === 'skipped') return { skipped: attributes({ message }) };
  if (scenario.verdict === 'inconclusive') return { skipped: attributes({ message: `inconclusive: ${message}` }) };
  const content = { ...attributes({ message, type }), '#': xmlText(findingsText(scenario)) };
  return scenario.verdict === 'failed' ? { failure: content } : { error: content };
}

function messageAndType(scenario: ScenarioResult): { message: string; type: string } {
  return {
    message: reasonOf(scenario) ?? 'no reason was recorded',
    type: scenario.verdict === 'error' ? 'lab-error' : (failedSteps(scenario)[0]?.step.cause ?? 'failed'),
  };
}

function findingsText(scenario: ScenarioResult): string {
  return findings(scenario)
    .map((finding) => `${finding.client}: ${finding.step === undefined ? finding.why : findingText(finding)}`)
    .join('\n');
}

/** Of every attempt: readers look for attachments here and nowhere else. */
function systemOut(attempts: readonly ScenarioResult[]): string {
  return [
    '',
    ...attempts.flatMap((attempt) => [
      ...(attempts.length > 1 ? [`attempt ${attempt.attempt}:`] : []),
      ...attemptOut(attempt),
    ]),
    '',
  ].join('\n');
}

function attemptOut(scenario: ScenarioResult): string[] {
  const expected = expectedFailureText(scenario);
  const files = [
    ...(scenario.capture === undefined ? [] : [scenario.capture.file]),
    ...scenario.clients.flatMap((client) => [
      ...(client.serialLog === undefined ? [] : [client.serialLog]),
      ...(client.screenshots ?? []).map(({ file }) => file),
    ]),
  ];
  return [
    ...(expected === undefined ? [] : [expected]),
    ...scenario.clients.flatMap(clientLines),
    ...(scenario.rerun ?? []).map((command) => `run again: ${command}`),
    // Jenkins' attachments plugin and GitLab read these lines; the path must stand alone on its line.
    ...files.map((file) => `[[ATTACHMENT|${file}]]`),
  ];
}

function clientLines(client: ClientResult): string[] {
  return [
    `${client.name} ${client.mac} ${[client.firmware, client.nic, ...(client.transport === undefined ? [] : [client.transport])].join(' ')}: ${client.verdict}`,
    ...client.steps.map((step) =>
      `  ${moment(step.atMs).padStart(9)} ${step.verdict.padEnd(8)} ${step.step} ${stepDetail(step)} ${frameList(step.frames)}`.trimEnd(),
    ),
  ];
}

function findingText(finding: StepFinding): string {
  const { step } = finding;
  const parts = [
    `${step.step} at ${moment(step.atMs)}${step.frames.length > 0 ? `, frame ${frameList(step.frames)}` : ''}${timesText(finding)}`,
  ];
  for (const key of ['expected', 'actual', 'why'] as const)
    if (step[key] !== undefined) parts.push(`  ${key}: ${step[key]}`);
  return parts.join('\n');
}

function counts(scenarios: readonly ScenarioResult[]): Record<string, number> {
  const count = (verdict: Verdict): number => scenarios.filter((scenario) => scenario.verdict === verdict).length;
  return {
    tests: scenarios.length,
    failures: count('failed'),
    errors: count('error'),
    skipped: count('skipped') + count('inconclusive'),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`@${name}`, xmlText(String(value))]));
}
