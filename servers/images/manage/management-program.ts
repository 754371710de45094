import { Command, CommanderError } from 'commander';
import { EXIT } from '../../service/exit-codes.ts';

/** Errors that a person can fix; each carries a complete message. */
const UNUSABLE: ReadonlySet<string> = new Set(['ManagementError', 'StateFileError']);

/**
 * Runs a program of verbs that `pxewright` starts: errors are one line on standard error. `exits`: exit statuses of the program's own
 * errors, by their names; an error that nobody named is the lab's.
 */
export async function runManagementProgram(
  description: string,
  commands: readonly Command[],
  exits: Readonly<Record<string, number>>,
): Promise<void> {
  const program = new Command('pxewright')
    .description(description)
    .exitOverride()
    .showHelpAfterError('(--help explains)');
  for (const command of commands) program.addCommand(command);
  // A reader that has seen enough (`| head`) closes the pipe: no reason to complain.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.unusableInput;
      return;
    }
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${message}\n`);
    process.exitCode = exits[name] ?? (UNUSABLE.has(name) ? EXIT.unusableInput : EXIT.labError);
  }
}
