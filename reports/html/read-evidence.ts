import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readFrames, type EvidenceFrame } from '../evidence.ts';
import { agentLog, EVIDENCE, serialLog } from '../file-names.ts';
import { readNamedSteps } from './named-steps.ts';
import type { ScenarioResult } from '../result.ts';
import { evidenceFolder, insideRun } from '../run-folder.ts';
import { byteCount, plainLog, plural, printable } from '../text.ts';
import type { PageEvidence, PageLog, PageScreenshot } from './page-types.ts';
import { isBad } from '../worst-verdict.ts';

// A page must open in any browser and fit an artefact store: what it embeds is bounded, and it says what it leaves out.

/** What one report may still embed; shared by its scenarios and counted down. */
export interface PageBudget {
  screenshotBytes: number;
  frameChars: number;
}

/** 16 MB of screenshots (some hundred VGA consoles) and 12 MB of frames: a page of at most some 35 MB. */
export function pageBudget(): PageBudget {
  return { screenshotBytes: 16e6, frameChars: 12e6 };
}

const MAX_SCREENSHOT_BYTES = 2e6;
/** A console's last 64 KiB are some thousand lines. */
const MAX_LOG_BYTES = 64 * 1024;
/** Bytes of a frame that the hex dump shows: all of an Ethernet frame of MTU 1500 with headers and VLAN tag. */
const MAX_FRAME_BYTES = 1522;
const MAX_SERVICE_LOGS = 40;
const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** Reads the files of one scenario's folder that a page shows. Never fails: what is missing becomes a note. */
export async function readScenarioEvidence(
  runFolder: string,
  scenario: ScenarioResult,
  budget: PageBudget,
): Promise<PageEvidence> {
  const notes: string[] = [];
  const folder = insideRun(runFolder, evidenceFolder(scenario));
  if (folder === undefined)
    return {
      frames: [],
      screenshots: [],
      clientLogs: {},
      serviceLogs: [],
      namedSteps: [],
      notes: ['the evidence folder lies outside the run: nothing was read from it'],
    };
  const href = (path: string | undefined): { href?: string } =>
    path === undefined ? {} : { href: relativeUrl(runFolder, path) };

  const clientLogs: Record<string, PageLog[]> = Object.create(null) as Record<string, PageLog[]>;
  for (const client of scenario.clients) {
    const logs: PageLog[] = [];
    const agent = join(evidenceFolder(scenario), agentLog(client.name));
    const console = client.serialLog ?? join(evidenceFolder(scenario), serialLog(client.name));
    for (const [title, name] of [
      // A played client has no console: its output is kept as the agent's log.
      ...(console === agent ? [] : [['serial console', console] as const]),
      ['agent', agent] as const,
    ]) {
      const path = insideRun(runFolder, name);
      const log = path === undefined ? undefined : await readTail(path);
      if (log !== undefined) logs.push({ title, ...log, ...href(path) });
      else if (title === 'serial console' && client.serialLog !== undefined)
        notes.push(`serial log of ${printable(client.name)} is missing: ${printable(client.serialLog)}`);
    }
    clientLogs[client.name] = logs;
  }

  const screenshots: PageScreenshot[] = [];
  for (const client of scenario.clients) {
    for (const { file, atMs, title } of client.screenshots ?? []) {
      const path = insideRun(runFolder, file);
      const image = path === undefined ? { note: 'lies outside the run folder' } : await readPng(path, budget);
      screenshots.push({ client: client.name, title, atMs, ...image, ...('note' in image ? href(path) : {}) });
    }
  }

  const hrefIfThere = (path: string | undefined): string | undefined =>
    path !== undefined && existsSync(path) ? relativeUrl(runFolder, path) : undefined;
  const planFile = join(folder, EVIDENCE.plan);
  const read = await readFrames(join(folder, EVIDENCE.frames));
  if (read.note !== undefined && (scenario.capture !== undefined || read.frames.length > 0)) notes.push(read.note);
  const capture = scenario.capture === undefined ? undefined : insideRun(runFolder, scenario.capture.file);
  return {
    frames: fitFrames(read.frames, scenario, budget, notes),
    screenshots,
    clientLogs,
    namedSteps: await readNamedSteps(planFile),
    serviceLogs: await readServiceLogs(join(folder, EVIDENCE.services), runFolder, notes),
    notes,
    captureHref: hrefIfThere(capture),
    planHref: hrefIfThere(planFile),
  };
}

/**
 * Frames that fit the budget: those of failed steps first, then as they come; hex dumps cut to what a dump can show.
 */
function fitFrames(
  frames: readonly EvidenceFrame[],
  scenario: ScenarioResult,
  budget: PageBudget,
  notes: string[],
): EvidenceFrame[] {
  const urgent = new Set(scenario.clients.flatMap(({ steps }) => steps.filter(isBad).flatMap((step) => step.frames)));
  const kept: EvidenceFrame[] = [];
  for (const frame of [...frames].sort((a, b) => Number(urgent.has(b.number)) - Number(urgent.has(a.number)))) {
    const fitted = { ...frame, hex: frame.hex.slice(0, MAX_FRAME_BYTES * 2) };
    const chars = JSON.stringify(fitted).length;
    if (chars > budget.frameChars) continue;
    budget.frameChars -= chars;
    kept.push(fitted);
  }
  if (kept.length < frames.length)
    notes.push(
      `${plural(frames.length - kept.length, 'decoded frame')} of ${frames.length} left out to keep the page small: see ${EVIDENCE.frames} and the capture`,
    );
  return kept.sort((a, b) => a.number - b.number);
}

async function readServiceLogs(folder: string, runFolder: string, notes: string[]): Promise<PageLog[]> {
  const names = (await readdir(folder).catch((): string[] => []))
    .filter((name) => name.endsWith('.jsonl') || name.endsWith('.log'))
    .sort();
  if (names.length > MAX_SERVICE_LOGS)
    notes.push(`${names.length - MAX_SERVICE_LOGS} of ${names.length} service logs left out`);
  const logs: PageLog[] = [];
  for (const name of names.slice(0, MAX_SERVICE_LOGS)) {
    const path = insideRun(runFolder, join(folder, name));
    const log = path === undefined ? undefined : await readTail(path);
    if (log !== undefined && path !== undefined)
      logs.push({ title: name.replace(/\.(jsonl|log)$/, ''), ...log, href: relativeUrl(runFolder, path) });
  }
  return logs;
}

/** The last part of a text file, cut at a line's beginning. */
async function readTail(path: string): Promise<{ text: string; omittedBytes: number } | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size, MAX_LOG_BYTES)),
      position: Math.max(0, size - MAX_LOG_BYTES),
    });
    const bytes = buffer.subarray(0, bytesRead);
    const start = size > bytesRead ? bytes.indexOf(0x0a) + 1 : 0;
    return { text: plainLog(bytes.subarray(start).toString('utf8')), omittedBytes: size - bytesRead + start };
  } catch {
    return undefined; // missing: the caller says so where it matters
  }
}

async function readPng(path: string, budget: PageBudget): Promise<{ dataUri: string } | { note: string }> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > MAX_SCREENSHOT_BYTES || size > budget.screenshotBytes)
      return { note: `${byteCount(size)}: too large to embed` };
    const bytes = await file.readFile();
    if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return { note: 'is not a PNG' };
    budget.screenshotBytes -= bytes.length;
    return { dataUri: `data:image/png;base64,${bytes.toString('base64')}` };
  } catch {
    return { note: 'is missing' };
  }
}

/** A link from report.html to a file below the run's folder; `./` keeps a file named `javascript:…` a file. */
function relativeUrl(runFolder: string, path: string): string {
  return `./${relative(runFolder, path).split('/').map(encodeURIComponent).join('/')}`;
}
