import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { programFile } from '../../servers/service/program-file.ts';
import { selectedLab, valueOf } from './selected-lab.ts';
import { UsageError } from './usage-error.ts';
import { becomeVerbProgram } from './verb-program.ts';

const PROGRAM = programFile(import.meta.filename, '../../servers/images/backups');

/** Where the store is, and its password where the lab says it. */
interface Target {
  readonly folder: string;
  readonly password?: string;
  /** Root of the lab's image share. */
  readonly share?: string | undefined;
}

/** `pxewright backups …`: the catalogue's program, with the store of a running lab or of a folder. */
export async function backupsCommand(args: readonly string[]): Promise<number> {
  const target = args.some((arg) => arg === '--help' || arg === '-h') ? undefined : await targetOf(args);
  const env = target?.password === undefined ? {} : { RESTIC_PASSWORD: target.password };
  return becomeVerbProgram(PROGRAM, ['backups', ...args], targetArguments(args[0], target), env);
}

function targetArguments(verb: string | undefined, target: Target | undefined): string[] {
  if (target === undefined) return [];
  const { folder, share } = target;
  return [`--store=${folder}`, ...(verb === 'extract' && share !== undefined ? [`--share=${share}`] : [])];
}

async function targetOf(args: readonly string[]): Promise<Target> {
  const store = valueOf(args, '--store');
  const run = valueOf(args, '--run');
  if (store !== undefined && run !== undefined) throw new UsageError('expected --run or --store, got both');
  if (store !== undefined) return storedStore(resolve(store));
  const lab = await selectedLab(run, '--store FOLDER selects a stored store');
  if (lab.backups !== undefined) return { ...lab.backups, share: lab.images };
  throw new UsageError(
    `expected a lab with a store of backups (services.backups), got ${lab.pid} (${lab.mode} ${lab.scenario}), which has none; --store FOLDER selects a stored store`,
  );
}

function storedStore(folder: string): Target {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return { folder };
  throw new UsageError(
    `--store: expected a folder, such as a scenario's services.backups.store, got ${folder}, which ${stats === undefined ? 'does not exist' : 'is no folder'}`,
  );
}
