import type { CommandUser } from '../lab-protocol.ts';

/** A command, and what is other in its environment. */
export interface UserCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A served command as the user who was asked for: with that user's groups and no capability, and HOME, SHELL, USER and
 * LOGNAME as su(1) and login(1) set them. `othersThere`: whether the lab knows other users; in one that an ordinary user
 * started, that user is shown as root, and a further user namespace shows the user under the own id again.
 */
export function commandAsUser(argv: readonly string[], user: CommandUser, othersThere: boolean): UserCommand {
  const { uid, gid, groups, name, home, shell } = user;
  const prefix = othersThere
    ? [
        'setpriv',
        `--reuid=${uid}`,
        `--regid=${gid}`,
        groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
        '--inh-caps=-all',
        '--',
      ]
    : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  return { argv: [...prefix, ...argv], env: { HOME: home, SHELL: shell, USER: name, LOGNAME: name } };
}
