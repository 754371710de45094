import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZodError } from 'zod';
import type { Reporter } from './reporter.ts';
import { resultSchema, type Result } from './result.ts';
import { RUN_FILES } from './file-names.ts';
import { writeAtomically } from './run-folder.ts';

/** A Result of ours that breaks its own schema: a fault of the harness, so the run is an error. */
export class InvalidResultError extends Error {
  override readonly name = 'InvalidResultError';
  readonly code = 'LAB_ERROR';

  constructor(problems: string, where: string) {
    super(`invalid Result in ${where}: ${problems} (this is a fault of the harness, please report it)`);
  }
}

/** A file that was given as a Result and does not hold one: an error that the user can fix. */
export class UnusableResultError extends Error {
  override readonly name = 'UnusableResultError';

  constructor(file: string, problems: string, options?: ErrorOptions) {
    super(`${file}: expected a ${RUN_FILES.result} or a run's folder: ${problems}`, options);
  }
}

/** Reads a Result from a `result.json` or from a run's folder. */
export async function readResult(path: string): Promise<Result> {
  const isFolder = await stat(path).then(
    (kind) => kind.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, RUN_FILES.result) : path;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UnusableResultError(file, error instanceof Error ? error.message : String(error), { cause: error });
  }
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) throw new UnusableResultError(file, problemsText(parsed.error));
  return parsed.data;
}

/**
 * Writes `result.json` into the run's folder, atomically. An invalid Result is written too (it is the evidence), then
 * thrown.
 */
export async function writeResult(result: Result, folder: string): Promise<string> {
  const path = join(folder, RUN_FILES.result);
  await writeAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) throw new InvalidResultError(problemsText(parsed.error), path);
  return path;
}

/** Always part of a run: keeps `result.json`. */
export function createResultFileReporter(): Reporter {
  return {
    version: 1,
    onRunEnd: async (result, folder) => ({ what: 'result', path: await writeResult(result, folder) }),
  };
}

/** `--reporter json=FILE`: a copy of `result.json` where a CI wants it. */
export function createJsonFileReporter(path: string): Reporter {
  return {
    version: 1,
    onRunEnd: async (result) => {
      await writeAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
      return { what: 'result', path };
    },
  };
}

/** `--reporter json`: the Result on standard output and nothing else there. */
export function createJsonReporter(write: (text: string) => void = (text) => process.stdout.write(text)): Reporter {
  return {
    version: 1,
    onRunEnd: (result) => {
      write(`${JSON.stringify(result, null, 2)}\n`);
    },
  };
}

/** The first problems with their paths: one fault repeats in every scenario. */
function problemsText({ issues }: ZodError): string {
  const shown = issues.slice(0, 5).map(({ path, message }) => `${pathText(path)}: ${message}`);
  return shown.join('; ') + (issues.length > 5 ? `; and ${issues.length - 5} more` : '');
}

/** `scenarios[0].clients[1].steps[4].atMs` from a zod issue's path. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? '(root)' : text.replace(/^\./, '');
}
