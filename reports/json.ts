import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reporter } from './reporter.ts';
import { resultSchema, type Result } from './result.ts';
import { RUN_FILES } from './file-names.ts';
import { writeAtomically } from './run-folder.ts';

/** A Result that breaks its own schema: our lab's fault, so the run is an error. Names every offending path. */
export class InvalidResultError extends Error {
  readonly code = 'LAB_ERROR';
  readonly issues: readonly { readonly path: string; readonly message: string }[];

  constructor(issues: InvalidResultError['issues'], where: string) {
    const shown = issues
      .slice(0, 5)
      .map(({ path, message }) => `${path}: ${message}`)
      .join('; ');
    const more = issues.length > 5 ? `; and ${issues.length - 5} more` : '';
    super(`invalid Result in ${where}: ${shown}${more} (this is a fault of the harness, please report it)`);
    this.name = 'InvalidResultError';
    this.issues = issues;
  }
}

/**
 * Checks a value against the schema of Results; throws `InvalidResultError` that names the paths. `where` says whose
 * value it is.
 */
export function validateResult(value: unknown, where: string): Result {
  const parsed = resultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidResultError(
    parsed.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })),
    where,
  );
}

/**
 * Writes `result.json` into the run's folder, atomically. An invalid Result is written too (it is the evidence), then
 * thrown.
 */
export async function writeResult(result: Result, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, RUN_FILES.result);
  await writeAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
  validateResult(result, path);
  return path;
}

/** Always part of a run: keeps `result.json`. */
export function createResultFileReporter(): Reporter {
  return {
    version: 1,
    onRunEnd: async (result, folder) => {
      await writeResult(result, folder);
    },
  };
}

/** `--reporter json`: the Result on standard output and nothing else there. */
export function createJsonReporter(write: (text: string) => void = (text) => process.stdout.write(text)): Reporter {
  return { version: 1, onRunEnd: (result) => write(`${JSON.stringify(result, null, 2)}\n`) };
}

/** `scenarios[0].clients[1].steps[4].atMs` from a zod issue's path. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? '(root)' : text.replace(/^\./, '');
}
