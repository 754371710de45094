import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import type { Account } from './accounts.ts';

/**
 * Whether the kernel forbids setgroups(2) here, as it does in a user namespace that an ordinary user made
 * (user_namespaces(7)).
 */
export async function setgroupsDenied(): Promise<boolean> {
  return (await readFile('/proc/self/setgroups', 'utf8').catch(() => 'allow')).trim() === 'deny';
}

/**
 * Who Samba runs as where setgroups(2) is denied. As root it would call that for every logon and panic; as anybody else
 * it calls nothing of the kind.
 */
export const UNPRIVILEGED_SAMBA = { uid: 1000, gid: 1000 };

/**
 * A command that sees `passwdFile` as /etc/passwd: in a mount namespace of its own, which needs root, be it a user
 * namespace's. What it binds vanishes with its last process. `unprivileged`: in one more user namespace, in which the
 * same owner of the files has the number of an ordinary user.
 */
export function withPasswd(
  passwdFile: string,
  command: readonly string[],
  unprivileged: boolean,
): readonly [string, readonly string[]] {
  const { uid, gid } = UNPRIVILEGED_SAMBA;
  const inner = unprivileged
    ? ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', ...command]
    : command;
  return [
    'unshare',
    [
      '--mount',
      '--',
      'sh',
      '-c',
      'mount --bind "$1" /etc/passwd && shift && exec "$@"',
      'with-passwd',
      passwdFile,
      ...inner,
    ],
  ];
}

/**
 * Enters accounts into the passdb of a Samba configuration; passwords go over standard input, never over a command
 * line.
 */
export async function addAccounts(
  smbConfFile: string,
  passwdFile: string,
  accounts: readonly Account[],
  unprivileged: boolean,
): Promise<void> {
  for (const { name, password } of accounts) {
    const [program, args] = withPasswd(
      passwdFile,
      ['pdbedit', '--configfile', smbConfFile, '--create', '--password-from-stdin', '--user', name],
      unprivileged,
    );
    const result = await execa(program, args, { input: `${password}\n${password}\n`, reject: false, all: true });
    if (result.failed) {
      const hint = /Operation not permitted/.test(result.all)
        ? "; run as root of the lab's namespaces (unshare --user --map-root-user --mount --net)"
        : '';
      throw new Error(
        `adding account ${name} to the passdb: pdbedit ended with ${String(result.exitCode ?? result.shortMessage)}: ${result.all.trim()}${hint}`,
      );
    }
  }
}
