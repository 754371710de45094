import { createGitHubReporter } from './github.ts';
import { createHtmlReporter } from './html/html.ts';
import { createJsonReporter, createResultFileReporter } from './json.ts';
import { createJUnitReporter } from './junit/junit.ts';
import { multiplex, type NamedReporter } from './multiplexer.ts';
import type { Reporter } from './reporter.ts';
import { createTerminalReporter } from './terminal/terminal.ts';

/** Names for `--reporter`. `result.json` is written whatever is chosen. */
export const REPORTER_NAMES = ['terminal', 'json', 'junit', 'html', 'github'] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];

/** What runs when nobody chooses. `github` is silent outside GitHub. */
export const DEFAULT_REPORTERS: readonly ReporterName[] = ['terminal', 'junit', 'html', 'github'];

/**
 * The reporters of these names as one. Files come first and the terminal last, so that its summary names files that exist;
 * beside `json`, which has standard output to itself, the terminal writes to standard error.
 */
export function createReporters(names: readonly ReporterName[] = DEFAULT_REPORTERS): Required<Reporter> {
  const json = names.includes('json');
  const makers: Readonly<Record<ReporterName, () => Reporter>> = {
    junit: () => createJUnitReporter(),
    html: () => createHtmlReporter(),
    github: () => createGitHubReporter(),
    json: () => createJsonReporter(),
    terminal: () => createTerminalReporter({ stream: json ? process.stderr : process.stdout, html: names.includes('html') }),
  };
  const chosen = (['junit', 'html', 'github', 'terminal', 'json'] as const).filter((name) => names.includes(name));
  const reporters: NamedReporter[] = [{ name: 'result', reporter: createResultFileReporter() }, ...chosen.map((name) => ({ name, reporter: makers[name]() }))];
  return multiplex(reporters);
}
