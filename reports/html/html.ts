import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countedAttempts } from '../attempts.ts';
import type { Reporter } from '../reporter.ts';
import type { ClientResult, Result, Verdict } from '../result.ts';
import { RUN_FILES } from '../file-names.ts';
import { writeAtomically } from '../run-folder.ts';
import { plural, verdictCounts } from '../text.ts';
import { cspHash, escapeHtml, jsonForScript } from './embed.ts';
import type { PageData, PageEvidence } from './page-types.ts';
import { pageBudget, readScenarioEvidence } from './read-evidence.ts';
import { viewerScript } from './viewer-script.ts';
import { isBad } from '../worst-verdict.ts';

/** Steps of one client that a page embeds; failed ones always. */
const MAX_STEPS = 20_000;

/** Writes `report.html` into the run's folder at the run's end. */
export function createHtmlReporter(): Reporter {
  return {
    version: 1,
    onRunEnd: async (result, folder) => ({ what: 'report', path: await writeHtmlReport(result, folder) }),
  };
}

/** Reads the evidence below `folder`, writes `report.html` there and returns its path. */
export async function writeHtmlReport(result: Result, folder: string): Promise<string> {
  const path = join(folder, RUN_FILES.html);
  await writeAtomically(path, await htmlPage(await pageData(result, folder)));
  return path;
}

/** The Result and what of its evidence fits a page. */
export async function pageData(result: Result, folder: string): Promise<PageData> {
  const budget = pageBudget();
  const evidence: PageEvidence[] = [];
  const scenarios: Result['scenarios'] = [];
  for (const scenario of result.scenarios) {
    const read = await readScenarioEvidence(folder, scenario, budget);
    const notes = [...read.notes];
    scenarios.push({ ...scenario, clients: scenario.clients.map((client) => fitSteps(client, notes)) });
    evidence.push({ ...read, notes });
  }
  return { result: { ...result, scenarios }, evidence };
}

/**
 * One self-contained document: its policy allows its own style and script by their hashes, data: images, and nothing
 * else.
 */
export async function htmlPage(data: PageData): Promise<string> {
  const style = await readFile(new URL('style.css', import.meta.url), 'utf8');
  const script = await viewerScript();
  const policy = `default-src 'none'; script-src ${cspHash(script)}; style-src ${cspHash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const { result } = data;
  const title = `${result.verdict}: ${verdictCounts(countedAttempts(result.scenarios).map(({ verdict }) => verdict))} – pxewright`;
  const icon = encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOUR[result.verdict]}"/></svg>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy).replaceAll('&#39;', "'")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,${icon}">
<style>${style}</style>
</head>
<body>
<div id="app"><noscript><p>${escapeHtml(title)}. This report needs JavaScript to show its ${plural(result.scenarios.length, 'scenario')}; result.json beside it holds the same figures.</p></noscript></div>
<script type="application/json" id="page-data">${jsonForScript(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const ICON_COLOUR: Readonly<Record<Verdict, string>> = {
  passed: '#2e9d66',
  failed: '#d2463c',
  inconclusive: '#1792a8',
  error: '#b04bb8',
  skipped: '#b98a1d',
};

function fitSteps(client: ClientResult, notes: string[]): ClientResult {
  if (client.steps.length <= MAX_STEPS) return client;
  const steps = client.steps.filter((step, index) => index < MAX_STEPS || isBad(step));
  notes.push(
    `${client.name}: ${client.steps.length - steps.length} of ${client.steps.length} steps left out to keep the page small: see result.json`,
  );
  return { ...client, steps };
}
