import { EXIT } from '../service/exit-codes.ts';
import { backupsCommand } from './backups/backups-command.ts';
import { EXIT_INTERRUPTED } from './backups/scratch.ts';
import { runManagementProgram } from './manage/management-program.ts';

// The catalogue of a store of disk backups, as a program: `pxewright backups …` starts it with the folder of a running
// lab's store, or with one that was kept. restic reads and writes the repository there, beside the server and its clients.

await runManagementProgram(
  'The catalogue of a store of backups: node servers/images/backups.ts backups VERB --store FOLDER.',
  [backupsCommand()],
  { InterruptedError: EXIT_INTERRUPTED, DamagedBackupError: EXIT.failed },
);
