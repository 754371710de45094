import { appendFile } from 'node:fs/promises';
import { countedAttempts, repetitionName, triesText } from './attempts.ts';
import { expectedFailureText, findings, flakyScenarios, reasonOf, type Finding, timesText } from './findings.ts';
import { annotations } from './github-annotations.ts';
import type { Reporter } from './reporter.ts';
import type { Result, ScenarioResult } from './result.ts';
import { duration, frameList, moment, printable, rate, verdictCounts } from './text.ts';
import { needsAttention } from './worst-verdict.ts';

const SIGNS = { passed: '✅', failed: '❌', error: '💥', inconclusive: '❓', skipped: '⏭️' } as const;

/** Where a run finds itself, and where its log goes. */
export interface GitHubOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Writes to the job's log. */
  readonly write?: (text: string) => void;
}

/**
 * Annotates the files of scenarios that did not pass, and adds the run to the job summary where `$GITHUB_STEP_SUMMARY`
 * names its file.
 */
export function createGitHubReporter({
  env = process.env,
  write = (text) => process.stdout.write(text),
}: GitHubOptions = {}): Reporter {
  return {
    version: 1,
    onRunEnd: async (result) => {
      const place = { folder: process.cwd(), workspace: env['GITHUB_WORKSPACE'] };
      for (const line of annotations(result, place)) write(`${line}\n`);
      const path = env['GITHUB_STEP_SUMMARY'];
      if (path !== undefined && path !== '') await appendFile(path, summaryMarkdown(result));
    },
  };
}

/** A Result as GitHub-flavoured Markdown: one table of scenarios, then in full every one that did not pass. */
export function summaryMarkdown(result: Result): string {
  const flaky = flakyScenarios(result);
  const bad = result.scenarios.filter(needsAttention);
  return [
    `## ${SIGNS[result.verdict]} pxewright: ${verdictCounts(countedAttempts(result.scenarios).map(({ verdict }) => verdict))}`,
    '',
    `${escape(`${result.host.accel}: ${result.host.accelReason}`)} · ${result.host.cpus} CPUs · ${duration(result.durationMs)}`,
    '',
    '| | Scenario | Time | Phases (s) | Largest transfer | Note |',
    '|---|---|--:|---|---|---|',
    ...result.scenarios.map((scenario) => row(scenario, flaky.has(repetitionName(scenario)))),
    '',
    ...bad.flatMap(failure),
  ].join('\n');
}

function row(scenario: ScenarioResult, flaky: boolean): string {
  const phases = scenario.clients
    .map((client) =>
      Object.entries(client.phases)
        .map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)}`)
        .join(', '),
    )
    .filter((text) => text !== '');
  const largest = scenario.clients.flatMap((client) => client.transfers).sort((a, b) => b.bytes - a.bytes)[0];
  const note =
    expectedFailureText(scenario) ??
    (scenario.verdict === 'passed' ? (flaky ? 'flaky: passed on a retry' : '') : (reasonOf(scenario) ?? ''));
  const name = `**${escape(scenario.name)}**${triesText(scenario) === '' ? '' : ` (${triesText(scenario)})`}`;
  return `| ${SIGNS[scenario.verdict]} | ${name} | ${duration(scenario.durationMs)} | ${escape(phases.join('; '))} | ${largest === undefined ? '' : escape(`${largest.path} ${rate(largest.mbPerSecond)}`)} | ${escape(note)} |`;
}

function failure(scenario: ScenarioResult): string[] {
  return [
    `### ${SIGNS[scenario.verdict]} ${escape(scenario.name)}`,
    '',
    ...findings(scenario).flatMap(findingItem),
    ...(scenario.rerun ?? []).flatMap((command) => ['', `    ${printable(command, 1000)}`]),
    '',
  ];
}

function findingItem(finding: Finding): string[] {
  const { client, step } = finding;
  if (step === undefined) return [`- ${escape(client)}: ${escape(finding.why)}`];
  return [
    `- ${escape(client)}: **${step.step}** at ${moment(step.atMs)}${step.frames.length > 0 ? `, frame ${frameList(step.frames)}` : ''}${timesText(finding)}`,
    ...(['expected', 'actual', 'why'] as const).flatMap((key) =>
      step[key] === undefined ? [] : [`  - ${key}: ${escape(step[key])}`],
    ),
  ];
}

/** Text that cannot become markup, a link, a mention or a new table cell. */
function escape(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/@/g, '@\u200b')
    .replace(/:\/\//g, ':&#47;&#47;');
}
