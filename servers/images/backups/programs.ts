import { execa } from 'execa';
import { ManagementError } from '../../state/management-error.ts';

/** The host's programs that read and write backups, and the package of Debian that brings each. */
const PACKAGES = {
  restic: 'restic',
  'partclone.restore': 'partclone',
  sfdisk: 'fdisk',
  e2fsck: 'e2fsprogs',
  resize2fs: 'e2fsprogs',
  ntfsresize: 'ntfs-3g',
  'qemu-img': 'qemu-utils',
  dd: 'coreutils',
  tar: 'tar',
} as const;
type Program = keyof typeof PACKAGES;

interface RunOptions {
  /** Exit statuses that are no failure; default: 0. */
  readonly accept?: readonly number[];
  readonly input?: string;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program; its standard output. Its own words are the error's; `ManagementError` when it is not there. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  { accept = [0], input = '', cwd, signal }: RunOptions = {},
): Promise<string> {
  const { exitCode, all, stdout, shortMessage } = await execa(program, args, {
    reject: false,
    all: true,
    input,
    env: { LC_ALL: 'C' },
    ...(cwd === undefined ? {} : { cwd }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (exitCode === undefined) throw notRun(program, shortMessage ?? '');
  if (!accept.includes(exitCode)) throw failed(program, exitCode, all);
  return stdout;
}

/** A program that ended with an error, `where` it was at work, in its own words; that the disk is full needs fewer, and a person can mend it. */
export function failed(program: Program, exitCode: number, words: string, where = ''): Error {
  return words.includes('No space left on device')
    ? new ManagementError(
        `${where}expected room for what ${program} writes, but its file system is full; nothing of it stays`,
      )
    : new Error(`${where}${program} ended with exit status ${exitCode}: ${words.trim()}`);
}

/** A program that could not be started, or that a signal ended. */
export function notRun(program: Program, words: string): ManagementError {
  return new ManagementError(
    `expected the program ${program} (Debian's package ${PACKAGES[program]}), but it did not run: ${words}`,
  );
}
