import { createGitHubReporter } from '../../reports/github.ts';
import { createHtmlReporter } from '../../reports/html/html.ts';
import { createJsonReporter, createResultFileReporter } from '../../reports/json.ts';
import { createJUnitReporter } from '../../reports/junit/junit.ts';
import { multiplex, type NamedReporter } from '../../reports/multiplexer.ts';
import type { Reporter } from '../../reports/reporter.ts';
import { createTerminalReporter } from '../../reports/terminal/terminal.ts';
import { UsageError } from './usage-error.ts';

/** Reporters that a person asks for by name. Files are always written: they are the run's evidence. */
const BY_NAME: Readonly<Record<string, (screen: NodeJS.WriteStream) => Reporter>> = {
  terminal: (stream) => createTerminalReporter({ stream }),
  json: () => createJsonReporter(),
  github: () => createGitHubReporter(),
};

/**
 * Every run leaves result.json, junit.xml and report.html; `names` add what is shown while it runs (default: terminal).
 */
export function reporterFor(names: readonly string[]): Reporter {
  const unknown = names.find((name) => !(name in BY_NAME) && name !== 'junit' && name !== 'html');
  if (unknown !== undefined)
    throw new UsageError(
      `--reporter: unknown reporter "${unknown}" (known: ${Object.keys(BY_NAME).join(', ')}; junit and html are always written)`,
    );
  const shown = names.length > 0 ? names : ['terminal'];
  // JSON has standard output to itself.
  const screen = shown.includes('json') ? process.stderr : process.stdout;
  const asked = shown.flatMap((name) => (BY_NAME[name] ? [{ name, reporter: BY_NAME[name](screen) }] : []));
  const always: NamedReporter[] = [
    { name: 'result', reporter: createResultFileReporter() },
    { name: 'junit', reporter: createJUnitReporter() },
    { name: 'html', reporter: createHtmlReporter() },
    // In GitHub's CI the step summary comes by itself.
    ...(process.env['GITHUB_STEP_SUMMARY'] !== undefined && !names.includes('github')
      ? [{ name: 'github', reporter: createGitHubReporter() }]
      : []),
  ];
  return multiplex([...always, ...asked]);
}
