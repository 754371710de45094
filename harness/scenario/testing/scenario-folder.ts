import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { loadScenario, type LoadOptions } from '../load-scenario.ts';
import { ScenarioError } from '../scenario-error.ts';

/** A folder with scenario files, for the tests of one file. */
export interface ScenarioFolder {
  /** Absolute, once the tests run. */
  readonly path: string;
  /** Writes a file below it, and returns its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
  /** Loads a scenario: what it is refused with, or `no error`. Messages say `…` for this folder. */
  readonly messageOf: (file: string, options?: LoadOptions) => Promise<string>;
}

/** Makes the folder before the tests of the calling file, and removes it after them. */
export function scenarioFolder(): ScenarioFolder {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scenario-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return {
    get path() {
      return folder;
    },
    write: async (name, content) => {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    messageOf: async (file, options) => {
      const error: unknown = await loadScenario(file, options).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return 'no error';
      if (!(error instanceof ScenarioError)) throw error as Error;
      return error.message.replaceAll(folder, '…');
    },
  };
}
