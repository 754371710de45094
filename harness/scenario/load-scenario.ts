import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkAllowedFolders } from './checks/allowed-folders.ts';
import { checkAllowedPrograms } from './checks/programs.ts';
import { crossCheck } from './checks/content.ts';
import { checkFiles, checkServed } from './checks/files.ts';
import { scenarioFrom } from './define-scenario.ts';
import { overrideMatrix, overridesMatrix, withMatrix, type MatrixOverrides } from './matrix/override-matrix.ts';
import { importScenario } from './scenario-modules.ts';
import { readScenario, type ParsedScenario } from './parsing/read-scenario.ts';
import { ScenarioError, throwIfAny, type Problem } from './scenario-error.ts';
import type { Scenario } from './scenario.ts';

/** A scenario is some dozens of lines; what is larger is another file. */
const MOST_BYTES = 1024 * 1024;

/** What a command line changes about scenarios. */
export interface LoadOptions {
  /** Only these values of an axis, or a new axis: `{ axes: { nic: ['e1000'] } }`, values as written in a scenario. */
  readonly matrix?: MatrixOverrides | undefined;
  /** Folders whose files scenarios may name, beside those in the folder of each. */
  readonly allowRoots?: readonly string[] | undefined;
  /** Scenarios may run programs of their own on this host, or nothing will be run. */
  readonly allowPrograms?: boolean | undefined;
  /** The scenario judges a capture, which may be of other servers: what its own would have is not looked at. */
  readonly judgesCapture?: boolean;
}

/**
 * Loads a scenario from a YAML file, or from a TypeScript module whose default export it is. What a command line makes
 * of it is checked as the file is. Fails only with `ScenarioError`.
 */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  const { matrix = {}, judgesCapture = false, allowRoots = [], allowPrograms = false } = options;
  const served = async (one: Scenario): Promise<Problem[]> => (judgesCapture ? [] : checkServed(one));
  const {
    scenario: loaded,
    place,
    problems,
  } = /\.m?[tj]s$/.test(file)
    ? await fromModule(file)
    : readScenario(await readText(file), file, dirname(resolve(file)));
  const allowed = await checkAllowedFolders(loaded, allowRoots);
  const scenario: Scenario =
    allowed.needed.length === 0 ? loaded : { ...loaded, source: { ...loaded.source, allowRoots: allowed.needed } };
  // Nothing is looked at by a scenario that may not look there.
  const found =
    allowed.problems.length > 0 ? allowed.problems : [...(await checkFiles(scenario)), ...(await served(scenario))];
  const programs = checkAllowedPrograms(loaded, allowPrograms || judgesCapture);
  throwIfAny(file, [...problems, ...programs, ...found].map(place));
  if (!overridesMatrix(matrix)) return scenario;
  const overridden = overrideMatrix(scenario, matrix);
  // A matrix changes what the VMs ask for, and no file that the scenario names.
  throwIfAny(withMatrix(file), [...crossCheck(overridden), ...(await served(overridden))]);
  return overridden;
}

async function fromModule(file: string): Promise<ParsedScenario> {
  let exported: { default?: unknown };
  try {
    exported = await importScenario(await realpath(file));
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unreadable(file, error);
    throw new ScenarioError(
      file,
      [
        {
          path: [],
          expected: 'a module whose default export is a scenario',
          got: `an error while loading it: ${error instanceof Error ? error.message : String(error)}`,
        },
      ],
      { cause: error },
    );
  }
  if (exported.default === undefined)
    throw new ScenarioError(file, [
      {
        path: [],
        expected: 'a module whose default export is a scenario (export default defineScenario({ … }))',
        got: 'no default export',
      },
    ]);
  return {
    scenario: scenarioFrom(exported.default, file, dirname(resolve(file))),
    problems: [],
    place: (problem) => problem,
  };
}

async function readText(file: string): Promise<string> {
  const problem = (got: string): ScenarioError =>
    new ScenarioError(file, [{ path: [], expected: 'a scenario in YAML, UTF-8 text', got }]);
  const failed = (error: unknown): never => {
    throw unreadable(file, error);
  };
  // Checked before it is read: a pipe may never end, and a device has no end.
  const entry = await stat(file).catch(failed);
  if (!entry.isFile() && !entry.isDirectory()) throw problem('a pipe, socket or device');
  if (entry.size > MOST_BYTES) throw problem(`${entry.size} bytes, more than any scenario has (${MOST_BYTES})`);
  const bytes = await readFile(file).catch(failed);
  if (bytes.includes(0)) throw problem('a binary file');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw problem('bytes that are not UTF-8');
  }
}

function unreadable(file: string, error: unknown): ScenarioError {
  const code = (error as NodeJS.ErrnoException).code;
  const got =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? 'no such file'
      : code === 'EISDIR'
        ? 'a folder'
        : code === 'EACCES'
          ? 'a file that may not be read'
          : String(error);
  return new ScenarioError(file, [{ path: [], expected: 'a scenario file', got }], { cause: error });
}
