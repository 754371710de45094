import { execa } from 'execa';
import { tiedToParent } from '../lab/tied-to-parent.mjs';
import { EXIT } from './exit-codes.ts';

/**
 * Runs a program of verbs, the first two words, in the place of this command: it has the terminal, and ends with this process, however that ends. `more` are
 * options that the command adds; what the user wrote comes after them, so that it decides, and so that `--` may stand there.
 */
export async function runVerbProgram(
  program: string,
  [group, verb, ...words]: readonly string[],
  more: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const args = [...[group, verb].filter((word) => word !== undefined), ...more, ...words];
  const [command, ...rest] = tiedToParent([process.execPath, program, ...args], process.pid);
  const { exitCode } = await execa(command, rest, { stdio: 'inherit', reject: false, env });
  return exitCode ?? EXIT.labError;
}
