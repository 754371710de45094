import { readFile } from 'node:fs/promises';
import { tiedToParent } from './tied-to-parent.mjs';

/**
 * The command that runs `argv` as the first process of a lab: network, mount and pid namespaces of its own (and a user
 * namespace when not root), so that no frame reaches the host's network and two labs never meet.
 *
 * The lab is tied to this process, its parent, and `--kill-child` ties the first process to unshare: when pxewright dies,
 * even by SIGKILL, the kernel ends unshare, the first process, and with it every process, interface and mount.
 * The first process is tini: orphans become its children, and Node would leave them as zombies for others to wait for.
 */
export function labCommand(argv: readonly string[], options: { readonly root: boolean }): [string, ...string[]] {
  const unshare = ['unshare', ...(options.root ? [] : ['--user', '--map-root-user']), '--net', '--mount', '--pid'];
  const first = ['--fork', '--kill-child=KILL', '--mount-proc', '--', 'tini', '--', ...argv];
  return tiedToParent([...unshare, ...first], process.pid);
}

/** Prefix that runs a command with a host's network: the same files and processes, another network namespace. */
export function onHost(host: string): [string, ...string[]] {
  return ['nsenter', `--net=/run/netns/${host}`, '--'];
}

/**
 * Whether a process of this lab can become another user: not in the user namespace of an ordinary user, which holds
 * only that one (user_namespaces(7)).
 */
export async function knowsOtherUsers(): Promise<boolean> {
  return (await readFile('/proc/self/setgroups', 'utf8').catch(() => 'allow')).trim() !== 'deny';
}
