import { resolve } from 'node:path';
import { createGitHubReporter } from '../../reports/github.ts';
import { createHtmlReporter } from '../../reports/html/html.ts';
import { createJsonFileReporter, createJsonReporter, createResultFileReporter } from '../../reports/json.ts';
import { createJUnitReporter } from '../../reports/junit/junit.ts';
import { multiplex, type NamedReporter } from '../../reports/multiplexer.ts';
import type { Reporter } from '../../reports/reporter.ts';
import { createLatestLinkReporter, createPathsReporter } from '../../reports/paths.ts';
import { createTerminalReporter } from '../../reports/terminal/terminal.ts';
import { assertFileCanBeMade } from './out-folder.ts';
import { UsageError } from './usage-error.ts';

/** What `NAME` shows on the screen, unless the run's folder has its file anyway, and what `NAME=FILE` writes. */
interface ReporterKind {
  readonly shows?: (screen: NodeJS.WriteStream) => Reporter;
  readonly writes?: (path: string) => Reporter;
}

/** Reporters that a person asks for by name. Files of the run's folder are always written: they are its evidence. */
const BY_NAME: Readonly<Record<string, ReporterKind>> = {
  terminal: { shows: (stream) => createTerminalReporter({ stream }) },
  json: { shows: () => createJsonReporter(), writes: createJsonFileReporter },
  junit: { writes: (path) => createJUnitReporter({ path }) },
  html: {},
  github: { shows: (stream) => createGitHubReporter({ write: (text) => stream.write(text) }) },
};

/** One `--reporter`, as it was asked for. */
interface Asked {
  readonly name: string;
  /** Absolute; absent where the reporter shows, or writes into the run's folder. */
  readonly path?: string;
}

/** The reporters of `--reporter`, each once. */
function askedReporters(texts: readonly string[]): Asked[] {
  return [...new Set(texts)].map((text) => {
    const [, name = '', path] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
    if (known === undefined)
      throw new UsageError(
        `--reporter: unknown reporter "${name}" (known: ${Object.keys(BY_NAME).join(', ')}; every run writes junit and html)`,
      );
    if (path === undefined) return { name };
    if (known.writes === undefined || path === '') {
      const writers = Object.keys(BY_NAME).filter((one) => BY_NAME[one]?.writes !== undefined);
      throw new UsageError(`--reporter: expected NAME, or NAME=FILE for ${writers.join(' and ')}, got "${text}"`);
    }
    return { name, path: resolve(path) };
  });
}

/** Checks, before anything is started, that the files can be made that `--reporter NAME=FILE` asks for. */
export async function assertReportsCanBeWritten(texts: readonly string[]): Promise<void> {
  for (const { path } of askedReporters(texts)) if (path !== undefined) await assertFileCanBeMade('--reporter', path);
}

/**
 * Every run leaves result.json, junit.xml and report.html; `texts` add what is shown while it runs (default: terminal),
 * and further files.
 */
export function reporterFor(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Reporter {
  const asked = askedReporters(texts);
  const files = asked.filter(({ path }) => path !== undefined);
  const shown = asked.filter(({ path }) => path === undefined).map(({ name }) => name);
  if (shown.length === 0) shown.push('terminal');
  // In GitHub's CI its reporter comes by itself.
  const inGitHub = env['GITHUB_ACTIONS'] === 'true' || env['GITHUB_STEP_SUMMARY'] !== undefined;
  if (inGitHub && !shown.includes('github')) shown.push('github');
  // JSON has standard output to itself.
  const screen = shown.includes('json') ? process.stderr : process.stdout;
  const named = (name: string, reporter: Reporter | undefined): NamedReporter[] =>
    reporter === undefined ? [] : [{ name, reporter }];
  return multiplex([
    { name: 'result', reporter: createResultFileReporter() },
    { name: 'junit', reporter: createJUnitReporter() },
    { name: 'html', reporter: createHtmlReporter() },
    ...files.flatMap(({ name, path = '' }) => named(name, BY_NAME[name]?.writes?.(path))),
    // What is shown comes after what is written, and names its paths.
    ...shown.flatMap((name) => named(name, BY_NAME[name]?.shows?.(screen))),
    ...(shown.includes('terminal')
      ? []
      : [{ name: 'paths', reporter: createPathsReporter((text) => process.stderr.write(text)) }]),
    { name: 'latest', reporter: createLatestLinkReporter() },
  ]);
}
