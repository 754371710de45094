import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RUN_FILES, RUNS_FOLDER } from './file-names.ts';

/** A report that is not there. */
export class ReportNotFoundError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`no report at ${path}: expected a run's folder or its ${RUN_FILES.html} (runs are kept in ${RUNS_FOLDER}/)`);
    this.name = 'ReportNotFoundError';
    this.path = path;
  }
}

/** The report that a user means: a report.html, or the folder of a run. */
export async function findReport(path: string): Promise<string> {
  const absolute = resolve(path);
  const kind = await stat(absolute).catch(() => undefined);
  const report = kind?.isDirectory() === true ? join(absolute, RUN_FILES.html) : absolute;
  const file = await stat(report).catch(() => undefined);
  if (file?.isFile() !== true) throw new ReportNotFoundError(report);
  return report;
}

/**
 * The program that opens a file for the person at this host, or undefined where nobody sits: CI, no display, no
 * terminal.
 */
export function opener(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): string | undefined {
  if (!isTTY || (env['CI'] ?? '') !== '') return undefined;
  if (platform === 'darwin') return 'open';
  return platform === 'linux' && ((env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '')
    ? 'xdg-open'
    : undefined;
}

/**
 * Finds the report, opens it where a person can see it, and returns its path for printing; an opener that fails changes
 * nothing.
 */
export async function showReport(path: string): Promise<string> {
  const report = await findReport(path);
  const program = opener(process.platform, process.env, process.stdout.isTTY);
  if (program !== undefined) {
    const child = spawn(program, [report], { stdio: 'ignore', detached: true });
    child.on('error', () => undefined); // not installed: the printed path is enough
    child.unref();
  }
  return report;
}
