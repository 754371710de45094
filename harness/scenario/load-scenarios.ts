import { glob, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadScenario, type LoadOptions } from './load-scenario.ts';
import { ScenarioError } from './scenario-error.ts';
import type { Scenario } from './scenario.ts';

/** Several files, of which some cannot be used: one error each, all of their problems in the message. */
export class ScenarioErrors extends Error {
  override readonly name = 'ScenarioErrors';
  readonly errors: readonly ScenarioError[];
  constructor(errors: readonly ScenarioError[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.errors = errors;
  }
}

/**
 * Loads files and, below folders, every scenario file. Errors of all files come together; one file's alone is its
 * `ScenarioError`.
 */
export async function loadScenarios(paths: readonly string[], options: LoadOptions = {}): Promise<Scenario[]> {
  const found = await Promise.allSettled(paths.map((path) => findScenarios(path)));
  // One file that is named in two ways is one scenario, by its first name.
  const named = found.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  const places = named.map((file) => resolve(file));
  const files = named.filter((_, index) => places.indexOf(places[index] ?? '') === index);
  const loaded = await Promise.allSettled(files.map((file) => loadScenario(file, options)));
  const errors = [...found, ...loaded].flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  const other = errors.find((error) => !(error instanceof ScenarioError));
  if (other !== undefined) throw other as Error;
  const [first, second] = errors as ScenarioError[];
  if (first !== undefined) throw second === undefined ? first : new ScenarioErrors(errors as ScenarioError[]);
  return loaded.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/**
 * The path itself when it is a file; the scenario files below it, sorted, when it is a folder. A module runs when it is
 * loaded, so a folder's modules are taken only where their names say what they are.
 */
export async function findScenarios(path: string): Promise<string[]> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry?.isDirectory()) return [path];
  const files: string[] = [];
  for await (const file of glob('**/*.{yaml,yml,scenario.ts}', { cwd: path, exclude: ['**/node_modules/**'] }))
    files.push(file);
  if (files.length === 0)
    throw new ScenarioError(path, [
      {
        path: [],
        expected: 'a folder with scenario files (*.yaml, *.yml, *.scenario.ts)',
        got: 'a folder without any',
      },
    ]);
  return files.sort().map((file) => join(path, file));
}
