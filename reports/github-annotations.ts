import { isAbsolute, relative, resolve } from 'node:path';
import { attemptsByRepetition, isFlaky, repetitionName, triesText } from './attempts.ts';
import { findings, reasonOf, type StepFinding, timesText } from './findings.ts';
import type { Result, ScenarioResult } from './result.ts';
import { printable } from './text.ts';
import { isBad, needsAttention } from './worst-verdict.ts';

/** Where paths of annotations begin: the checkout, as GitHub shows it. */
export interface AnnotationPlace {
  /** The working directory, which a scenario's file is relative to. */
  readonly folder: string;
  /** `$GITHUB_WORKSPACE`: the checkout; absent: the working directory. */
  readonly workspace?: string | undefined;
}

/**
 * GitHub's workflow commands for a run: an error at the scenario's file for each that did not pass, a warning for each
 * that passed on a retry or is inconclusive (docs.github.com, "Workflow commands": `::error file={name},line={line},title={title}::…`).
 * The runner reads them from standard output and standard error alike.
 */
export function annotations(result: Result, place: AnnotationPlace): string[] {
  return attemptsByRepetition(result.scenarios).flatMap((attempts) => {
    const last = attempts.at(-1);
    if (last === undefined) return [];
    if (isFlaky(attempts)) {
      const first = attempts.find(({ verdict }) => verdict !== 'passed') ?? last;
      return [command('warning', first, place, `passed as attempt ${last.attempt}; attempt ${first.attempt}: `)];
    }
    if (isBad(last)) return [command('error', last, place, '')];
    return needsAttention(last) ? [command('warning', last, place, '')] : [];
  });
}

function command(kind: 'error' | 'warning', scenario: ScenarioResult, place: AnnotationPlace, before: string): string {
  const properties = {
    file: pathInCheckout(scenario.file, place),
    line: String(scenario.line ?? 1),
    title: `${headline(kind, scenario)}: ${printable(repetitionName(scenario))}`,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${kind} ${list.join(',')}::${escapeData(before + messageOf(scenario))}`;
}

function headline(kind: 'error' | 'warning', { verdict }: ScenarioResult): string {
  if (verdict === 'inconclusive') return verdict;
  if (kind === 'warning') return 'flaky';
  return verdict === 'error' ? 'lab error' : 'failed';
}

/** What went wrong, step by step, as the terminal says it. */
function messageOf(scenario: ScenarioResult): string {
  const lines = findings(scenario).flatMap((finding) =>
    finding.step === undefined ? [`${finding.client}: ${finding.why}`] : stepLines(finding),
  );
  const tries = triesText(scenario);
  return [
    `${reasonOf(scenario) ?? 'no reason was recorded'}${tries === '' ? '' : ` (${tries})`}`,
    ...lines,
    ...(scenario.rerun ?? []).map((again) => `again: ${again}`),
  ]
    .map((line) => printable(line, 1000))
    .join('\n');
}

/** A file outside the checkout keeps its absolute path: GitHub then shows the message without a place. */
function pathInCheckout(file: string, { folder, workspace = folder }: AnnotationPlace): string {
  const absolute = resolve(folder, file);
  const path = relative(workspace, absolute);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? absolute : path;
}

function stepLines(finding: StepFinding): string[] {
  const { client, step } = finding;
  return [
    `${client}: ${step.step}${timesText(finding)}`,
    ...(['expected', 'actual', 'why'] as const).flatMap((key) =>
      step[key] === undefined ? [] : [`  ${key}: ${step[key]}`],
    ),
  ];
}

// As GitHub's own toolkit escapes: actions/toolkit, packages/core/src/command.ts.

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
