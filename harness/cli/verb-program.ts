/**
 * Becomes a program of verbs, the first two words: it has the terminal, the signals and the exit status of this command. `more` are options
 * that the command adds; what the user wrote comes after them, so that it decides, and so that `--` may stand there.
 */
export function becomeVerbProgram(
  program: string,
  [group, verb, ...words]: readonly string[],
  more: readonly string[],
  env: Readonly<Record<string, string>> = {},
): never {
  const args = [...[group, verb].filter((word) => word !== undefined), ...more, ...words];
  if (process.execve === undefined)
    throw new Error(`Node ${process.version} cannot become another program on this system`);
  return process.execve(process.execPath, [process.execPath, program, ...args], { ...process.env, ...env });
}
