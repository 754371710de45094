import { EXIT } from '../service/exit-codes.ts';
import { clientsCommand } from './manage/clients-command.ts';
import { imagesCommand } from './manage/images-command.ts';
import { runManagementProgram } from './manage/management-program.ts';

// Management of a deployment server, as a program: `pxewright clients …` and `pxewright images …` start it with the
// state of a running lab or of a folder. It changes files that the services share; they obey with their next request.

await runManagementProgram(
  'Manages the state of a deployment server: node servers/images/manage.ts clients|images VERB --state FOLDER [--images FOLDER].',
  [clientsCommand(), imagesCommand()],
  { ImageRefusedError: EXIT.failed },
);
