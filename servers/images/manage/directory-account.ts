import { execa } from 'execa';
import path from 'node:path';
import { ManagementError } from '../../state/management-error.ts';
import { undoing, type AccountChange, type AccountDone } from './account-change.ts';

/** The directory of a lab that is a domain controller, seen from outside of the lab. */
export interface LabDirectory {
  /** A process of the lab, whose mounts have the directory. */
  readonly pid: number;
  /** The controller's smb.conf, as the lab has it. */
  readonly configFile: string;
}

const PYTHON = '/usr/bin/python3';
const PROGRAM = path.join(import.meta.dirname, 'directory_account.py');
/** Exit code of a change that does not fit the directory. */
const REFUSED = 3;

/**
 * Changes a computer's account in the directory, and then the device. The directory goes first: no computer boots with
 * a name that it refused. When the device cannot be stored, the account is restored.
 */
export async function withAccount<Stored>(
  directory: LabDirectory,
  change: AccountChange,
  store: () => Promise<Stored>,
): Promise<Stored> {
  const done = await changeAccount(directory, change);
  try {
    return await store();
  } catch (error) {
    await takeBack(directory, change, done, error);
    throw error;
  }
}

/** Throws `ManagementError` when the directory is not as the change expects it; nothing was changed then. */
async function changeAccount({ pid, configFile }: LabDirectory, change: AccountChange): Promise<AccountDone> {
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const { failed, exitCode, shortMessage, stdout, stderr } = await execa(
    'nsenter',
    ['--target', String(pid), '--mount', ...asUser, '--', PYTHON, PROGRAM, configFile],
    { input: JSON.stringify(change), reject: false },
  );
  if (!failed) return stdout as AccountDone;
  const why = stderr.trim().split('\n').at(-1) ?? '';
  if (exitCode === REFUSED) throw new ManagementError(`${why}; nothing was changed`);
  throw new Error(
    `the account ${change.name}$ in the directory: ${change.verb} ended with ${String(exitCode ?? shortMessage)}: ${why}; nothing was changed`,
  );
}

async function takeBack(
  directory: LabDirectory,
  change: AccountChange,
  done: AccountDone,
  because: unknown,
): Promise<void> {
  const reason = because instanceof Error ? because.message : String(because);
  if (done === 'deleted')
    throw new Error(
      `${reason}; the account ${change.name}$ is gone from the directory already, the computer is still known: repeat the command`,
      { cause: because },
    );
  const back = undoing(change, done);
  if (back === undefined) return;
  await changeAccount(directory, back).catch((error: unknown) => {
    throw new Error(
      `${reason}; its account in the directory was ${done} and could not be restored: ${error instanceof Error ? error.message : String(error)}`,
      { cause: because },
    );
  });
}
