import { Command, CommanderError } from 'commander';
import { EXIT } from '../../service/exit-codes.ts';

/** Errors that a person can fix; each carries a complete message. */
const UNUSABLE: ReadonlySet<string> = new Set(['ManagementError', 'StateFileError']);

/** A reader that has seen enough (`| head`) closes the pipe: no reason to complain. */
const CLOSED = 'EPIPE';

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
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === CLOSED) return;
    process.stderr.write(`standard output: ${error.message}\n`);
    process.exitCode = EXIT.labError;
  });
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.unusableInput;
      return;
    }
    if ((error as NodeJS.ErrnoException).code === CLOSED) return;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${message}\n`);
    process.exitCode = exits[name] ?? (UNUSABLE.has(name) ? EXIT.unusableInput : EXIT.labError);
  }
}
