import { execa } from 'execa';

/** The directory of a lab that is a domain controller, seen from outside of the lab. */
export interface LabDirectory {
  /** A process of the lab, whose mounts have the directory. */
  readonly pid: number;
  /** The controller's smb.conf, as the lab has it. */
  readonly configFile: string;
}

/** Windows' own default: what a computer account has after "Reset Account", and what a computer that joins anew begins with. */
const MOST_DEFAULT_CHARACTERS = 14;

/** Resets a computer's account in the directory: its password is the default again, which breaks the trust of an installation that was joined. */
export async function resetComputerAccount({ pid, configFile }: LabDirectory, name: string): Promise<void> {
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const password = name.toLowerCase().slice(0, MOST_DEFAULT_CHARACTERS);
  const result = await execa('nsenter', ['--target', String(pid), '--mount', ...asUser, '--', 'samba-tool', 'user', 'setpassword', `${name}$`, `--newpassword=${password}`, `--configfile=${configFile}`], { reject: false, all: true });
  if (result.failed) throw new Error(`resetting the account ${name}$ in the directory: samba-tool ended with ${String(result.exitCode ?? result.shortMessage)}: ${result.all.trim().split('\n').at(-1) ?? ''}; nothing was changed`);
}
