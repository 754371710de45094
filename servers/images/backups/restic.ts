import { execa } from 'execa';
import type { Readable } from 'node:stream';
import { ManagementError } from '../../state/management-error.ts';
import { notRun } from './programs.ts';

/** A store of backups: the folder of restic's repository, and what it is encrypted with. */
export interface BackupStore {
  readonly folder: string;
  readonly password: string;
  /** Of one that is asked over HTTPS: certificate of the authority that its own is by. */
  readonly authority?: string | undefined;
}

/** Somebody else uses the store, and nobody may meanwhile. */
export class StoreInUseError extends ManagementError {}

/** Data of the store is missing, or is not what was written; the message names it. */
export class DamagedBackupError extends Error {
  override readonly name = 'DamagedBackupError';
}

const OPTIONS = { reject: false, stdin: 'ignore', extendEnv: true, maxBuffer: 1e9 } as const;

/** What restic left: its standard output, and what it said meanwhile. */
export interface ResticOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs restic on a store. An exit status that `accept` does not name is an error in words of a person's. */
export async function restic(
  store: BackupStore,
  args: readonly string[],
  {
    accept = [0],
    signal,
    forgetOutput = false,
  }: {
    readonly accept?: readonly number[];
    readonly signal?: AbortSignal | undefined;
    readonly forgetOutput?: boolean;
  } = {},
): Promise<ResticOutput> {
  const { exitCode, stdout, stderr, shortMessage } = await execa('restic', ['--no-cache', ...args], {
    ...OPTIONS,
    ...(forgetOutput ? { stdout: 'ignore' } : {}),
    env: resticEnvironment(store),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  // restic hears Ctrl-C, too, and ends with an error of its own.
  signal?.throwIfAborted();
  if (exitCode === undefined) throw notRun('restic', shortMessage ?? '');
  if (!accept.includes(exitCode)) throw resticError(store, exitCode, stderr);
  return { exitCode, stdout: stdout ?? '', stderr };
}

/** A file of a snapshot as it comes. */
export interface ResticStream {
  readonly bytes: Readable;
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>;
  /** Ends it early. */
  stop(): void;
}

/** restic as it writes one file of a snapshot to its standard output. */
export function resticDump(
  store: BackupStore,
  snapshot: string,
  file: string,
  signal: AbortSignal | undefined,
): ResticStream {
  const dump = execa('restic', ['--no-cache', 'dump', '--no-lock', snapshot, file], {
    reject: false,
    stdin: 'ignore',
    buffer: { stdout: false },
    env: resticEnvironment(store),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  return {
    bytes: dump.stdout,
    ended: dump.then(({ exitCode, stderr, shortMessage }) => ({
      exitCode,
      stderr: exitCode === undefined ? (shortMessage ?? '') : stderr,
    })),
    stop: () => dump.kill(),
  };
}

/** What restic's exit status and its last words mean to a person. */
export function resticError({ folder }: BackupStore, exitCode: number | undefined, stderr: string): Error {
  const words = lastWords(stderr);
  switch (exitCode) {
    case undefined:
      return notRun('restic', words);
    case 10:
      return new ManagementError(
        `${folder}: expected a store of backups (restic's repository), got a folder without one (${words}); --store names the folder that services.backups.store keeps`,
      );
    case 11:
      return new StoreInUseError(
        `${folder}: expected a store that nobody uses meanwhile, but ${words}; wait until that has ended; if its program is dead, “pxewright backups prune --unlock” removes stale locks`,
      );
    case 12:
      return new ManagementError(
        `${folder}: expected the password that the store was made with, got another one; give it by --password-file or in RESTIC_PASSWORD`,
      );
    default:
      return new DamagedBackupError(`${folder}: ${words}`);
  }
}

/** Without what a person's environment says of another store. */
export function resticEnvironment({ folder, password, authority }: BackupStore): Record<string, string | undefined> {
  return {
    RESTIC_REPOSITORY: folder,
    RESTIC_PASSWORD: password,
    RESTIC_CACERT: authority,
    RESTIC_REPOSITORY_FILE: undefined,
    RESTIC_PASSWORD_FILE: undefined,
    RESTIC_PASSWORD_COMMAND: undefined,
  };
}

/** Errors of restic's own have a stack of Go behind their message: a function, and on the next line its place, after a tab. */
function withoutStack(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => !line.startsWith('\t') && lines[index + 1]?.startsWith('\t') !== true);
}

/** The line that says why restic ended; of JSON, its message. */
function lastWords(stderr: string): string {
  const lines = withoutStack(stderr.split('\n')).filter((line) => line.trim() !== '');
  const fatal =
    lines.find((line) => /already locked/.test(line)) ??
    lines.findLast((line) => /^Fatal: |exit_error/.test(line)) ??
    lines.at(-1) ??
    'restic said nothing';
  const message = fatal.startsWith('{') ? (JSON.parse(fatal) as { message?: string }).message : undefined;
  return (
    (message ?? fatal)
      .replace(/^Fatal: /, '')
      .split('\n')[0]
      ?.trim() ?? ''
  );
}
