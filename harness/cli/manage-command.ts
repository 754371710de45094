import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { STORED_IMAGES } from '../plan/state-folder.ts';
import { programFile } from '../../servers/service/program-file.ts';
import { selectedLab, valueOf } from './selected-lab.ts';
import { UsageError } from './usage-error.ts';
import { becomeVerbProgram } from './verb-program.ts';

const PROGRAM = programFile(import.meta.filename, '../../servers/images/manage');

/** Where the deployment server's state and images are. */
interface Target {
  readonly state: string;
  readonly images?: string | undefined;
  /** Of a lab that is a domain controller. */
  readonly pid?: number;
  readonly directory?: string | undefined;
}

/**
 * `pxewright clients …` and `pxewright images …`: the management program, with the state of a running lab or of a
 * folder.
 */
export async function manageCommand(args: readonly string[]): Promise<number> {
  const target = args.some((arg) => arg === '--help' || arg === '-h') ? [] : targetArguments(await targetOf(args));
  return becomeVerbProgram(PROGRAM, args, target);
}

function targetArguments({ state, images, pid, directory }: Target): string[] {
  return [
    '--state',
    state,
    ...(images === undefined ? [] : ['--images', images]),
    ...(pid === undefined || directory === undefined ? [] : ['--directory', `${pid}:${directory}`]),
  ];
}

async function targetOf(args: readonly string[]): Promise<Target> {
  const state = valueOf(args, '--state');
  const run = valueOf(args, '--run');
  if (state !== undefined && run !== undefined) throw new UsageError('expected --run or --state, got both');
  if (state !== undefined) return storedState(resolve(state));
  return selectedLab(run, '--state FOLDER selects a stored state');
}

function storedState(folder: string): Target {
  if (!existsSync(folder))
    throw new UsageError(
      `--state: expected a folder, such as a scenario's services.state or reports/runs/…/state, got ${folder}, which does not exist`,
    );
  const images = join(folder, STORED_IMAGES);
  return { state: folder, images: existsSync(images) ? images : undefined };
}
