import { execa } from 'execa';
import { programFile } from '../../../servers/service/program-file.ts';
import { resolveRunFolder } from '../../lab/private-files.ts';

/** What `pxewright backups` runs: the store of a lab is used as a user would use it. */
const PROGRAM = programFile(import.meta.filename, '../../../servers/images/backups');
/** For reading a disk from the store, on a busy host. */
export const READ_MS = 120_000;

/** A store of backups, as a plan knows it. */
export interface StorePlace {
  /** May be inside the run's private folder. */
  readonly storeFolder: string;
  readonly storePassword: string;
}

/** Runs a verb of `pxewright backups`; resolves with what it prints as JSON, and rejects with what it says instead. */
export type BackupsCommand = (...words: readonly string[]) => Promise<unknown>;

/** `pxewright backups` on a store. `scratch`: a folder for what it writes meanwhile; without a deadline it may take as long as it takes. */
export function backupsCommand(
  { storeFolder, storePassword }: StorePlace,
  { scratch, deadlineMs }: { readonly scratch?: string; readonly deadlineMs?: number } = {},
): BackupsCommand {
  const env = { RESTIC_PASSWORD: storePassword, ...(scratch === undefined ? {} : { TMPDIR: scratch }) };
  return async (...words) => {
    const { stdout, stderr, exitCode } = await execa(
      process.execPath,
      [PROGRAM, 'backups', ...words, `--store=${resolveRunFolder(storeFolder)}`, '--json'],
      { env, reject: false, ...(deadlineMs === undefined ? {} : { timeout: deadlineMs }) },
    );
    // What a verb could not do of the rest is in what it prints (exit 1).
    if (exitCode === 0 || (exitCode === 1 && stdout !== '')) return JSON.parse(stdout) as unknown;
    throw new Error(stderr.trim() || `backups ${words[0] ?? ''} ended with ${exitCode ?? 'a signal'}`);
  };
}
