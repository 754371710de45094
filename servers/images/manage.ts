import { Command, CommanderError } from 'commander';
import { EXIT } from '../service/exit-codes.ts';
import { clientsCommand } from './manage/clients-command.ts';
import { imagesCommand } from './manage/images-command.ts';

// Management of a deployment server, as a program: `pxewright clients …` and `pxewright images …` start it with the
// state of a running lab or of a folder. It changes files that the services share; they obey with their next request.

/** Errors that a person can fix; each carries a complete message. */
const UNUSABLE: ReadonlySet<string> = new Set(['ManagementError', 'StateFileError']);

const program = new Command('pxewright')
  .description(
    'Manages the state of a deployment server: node servers/images/manage.ts clients|images VERB --state FOLDER [--images FOLDER].',
  )
  .exitOverride()
  .showHelpAfterError('(--help explains)')
  .addCommand(clientsCommand())
  .addCommand(imagesCommand());

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
  if (name === 'ImageRefusedError') return EXIT.failed;
  return UNUSABLE.has(name) ? EXIT.unusableInput : EXIT.labError;
}
