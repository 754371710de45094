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

/** What became of one file: its scenario, or everything that is wrong with it. */
export type LoadOutcome = { readonly file: string; readonly scenario: Scenario } | ScenarioError;

/** Loads files and, below folders, every scenario file: one outcome each, also for a path that is none. */
export async function tryScenarios(paths: readonly string[], options: LoadOptions = {}): Promise<LoadOutcome[]> {
  for (const root of options.allowRoots ?? []) await assertFolder(root);
  const found = await Promise.all(paths.map((path) => caught(() => findScenarios(path))));
  // One file that is named in two ways is one scenario, by its first name.
  const named = found.flatMap((outcome) => (outcome instanceof ScenarioError ? [] : outcome));
  const places = named.map((file) => resolve(file));
  const files = named.filter((_, index) => places.indexOf(places[index] ?? '') === index);
  const loaded = await Promise.all(
    files.map((file) => caught(async () => ({ file, scenario: await loadScenario(file, options) }))),
  );
  return [...found.filter((outcome) => outcome instanceof ScenarioError), ...loaded];
}

async function caught<T>(load: () => Promise<T>): Promise<T | ScenarioError> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
}

/**
 * Loads files and, below folders, every scenario file. Errors of all files come together; one file's alone is its
 * `ScenarioError`.
 */
export async function loadScenarios(paths: readonly string[], options: LoadOptions = {}): Promise<Scenario[]> {
  const outcomes = await tryScenarios(paths, options);
  const errors = outcomes.filter((outcome) => outcome instanceof ScenarioError);
  const [first, second] = errors;
  if (first !== undefined) throw second === undefined ? first : new ScenarioErrors(errors);
  return outcomes.flatMap((outcome) => (outcome instanceof ScenarioError ? [] : [outcome.scenario]));
}

/** Throws when a folder that a user allows is none: the scenario that was meant would be refused without a reason. */
async function assertFolder(root: string): Promise<void> {
  const entry = await stat(root).catch(() => undefined);
  if (entry?.isDirectory()) return;
  throw new ScenarioError(root, [
    {
      path: [],
      expected: 'a folder, for --allow-root (allowRoots in describeScenarios)',
      got: entry === undefined ? 'a path that does not exist or may not be read' : 'no folder',
    },
  ]);
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
