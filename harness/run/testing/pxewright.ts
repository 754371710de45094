import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LATEST_LINK } from '../../../reports/file-names.ts';
import { resultSchema, type Result } from '../../../reports/result.ts';

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Finished {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, as a program for Node. */
export const BOOTSTRAP = join(PROJECT, 'harness/cli/bootstrap.mjs');

/** Scenarios of a few seconds: `silent.yaml` passes, `fails.yaml` does not. */
export const QUICK_SCENARIOS = 'harness/run/testing/scenarios';

export interface StartOptions {
  /** A process group of its own, as a shell gives it to a command: `process.kill(-pid, 'SIGINT')` is then Ctrl-C. */
  readonly ownGroup?: boolean;
  /** The Node that starts; default: the one of the tests. */
  readonly node?: string;
  /** Standard input; default: none. */
  readonly input?: string;
}

/** Starts pxewright as a user would, from the project's folder. */
export function pxewright(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { ownGroup = false, node = process.execPath, input }: StartOptions = {},
) {
  return execa(node, [BOOTSTRAP, ...args], {
    cwd: PROJECT,
    env,
    reject: false,
    detached: ownGroup,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  } as const);
}

/** The one run folder below `out`, and its Result, valid by its schema. */
export async function onlyRun(out: string): Promise<{ folder: string; result: Result }> {
  const [name, ...others] = (await readdir(out)).filter((entry) => entry !== LATEST_LINK);
  if (name === undefined || others.length > 0)
    throw new Error(`expected one run in ${out}, found ${others.length + (name === undefined ? 0 : 1)}`);
  const folder = join(out, name);
  return { folder, result: resultSchema.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'))) };
}
