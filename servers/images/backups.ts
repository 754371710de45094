import { Command, CommanderError } from 'commander';
import { EXIT } from '../service/exit-codes.ts';
import { backupsCommand } from './backups/backups-command.ts';
import { EXIT_INTERRUPTED } from './backups/scratch.ts';

// The catalogue of a store of disk backups, as a program: `pxewright backups …` starts it with the folder of a running
// lab's store, or with one that was kept. restic reads and writes the repository there, beside the server and its clients.

/** Errors that a person can fix; each carries a complete message. */
const UNUSABLE: ReadonlySet<string> = new Set(['ManagementError', 'StateFileError']);

const program = new Command('pxewright')
  .description('The catalogue of a store of backups: node servers/images/backups.ts backups VERB --store FOLDER.')
  .exitOverride()
  .showHelpAfterError('(--help explains)')
  .addCommand(backupsCommand());

// A reader that has seen enough (`| head`) closes the pipe: no reason to complain.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.unusableInput;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${message}\n`);
  if (name === 'InterruptedError') return EXIT_INTERRUPTED;
  if (name === 'DamagedBackupError') return EXIT.failed;
  return UNUSABLE.has(name) ? EXIT.unusableInput : EXIT.labError;
}
