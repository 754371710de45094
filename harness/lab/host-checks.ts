import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';

/** The kernel of this host forbids labs, or labs with VMs; `remedy` is the command that allows them. */
export class LabUnavailableError extends Error {
  override readonly name = 'LabUnavailableError';
  readonly remedy: string;
  constructor(problem: string, remedy: string) {
    super(`${problem}; to fix it, run: ${remedy}`);
    this.remedy = remedy;
  }
}

const TUN = '/dev/net/tun';

/**
 * Namespaces need root or user namespaces, and the taps of VMs need /dev/net/tun. Costs one unshare of /bin/true
 * when not root.
 */
export async function labObstacle({
  taps,
  root = process.getuid?.() === 0,
}: {
  readonly taps: boolean;
  readonly root?: boolean;
}): Promise<LabUnavailableError | undefined> {
  return (await namespaceObstacle(root)) ?? (taps ? tunObstacle() : undefined);
}

async function namespaceObstacle(root: boolean): Promise<LabUnavailableError | undefined> {
  const result = await execa(
    'unshare',
    [
      ...(root ? [] : ['--user', '--map-root-user']),
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--mount-proc',
      '--',
      'true',
    ],
    { reject: false },
  );
  if (result.exitCode === 0) return undefined;
  const said = result.stderr.trim() || result.originalMessage || 'unshare failed';
  if (root)
    return new LabUnavailableError(
      `no lab can run here: root may not create namespaces here (${said})`,
      'run it outside of this container, or give the container CAP_SYS_ADMIN and CAP_NET_ADMIN',
    );
  const [setting] = USER_NAMESPACE_SETTINGS.filter(({ file, closed }) => readSetting(file) === closed);
  return setting
    ? new LabUnavailableError(
        `no lab can run here: ordinary users may not create namespaces (${setting.name}=${setting.closed})`,
        `sudo sysctl ${setting.name}=${setting.open}, or run with sudo`,
      )
    : new LabUnavailableError(`no lab can run here: this user may not create namespaces (${said})`, 'run with sudo');
}

/**
 * Switches that close user namespaces to ordinary users: Debian's own, the kernel's limit, and Ubuntu's since 23.10 by
 * AppArmor.
 */
const USER_NAMESPACE_SETTINGS = [
  {
    name: 'kernel.unprivileged_userns_clone',
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    closed: '0',
    open: '1',
  },
  { name: 'user.max_user_namespaces', file: '/proc/sys/user/max_user_namespaces', closed: '0', open: '10000' },
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    closed: '1',
    open: '0',
  },
] as const;

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function tunObstacle(): LabUnavailableError | undefined {
  if (!existsSync(TUN))
    return new LabUnavailableError(
      `no VM can join a lab's bridge here: there is no ${TUN}`,
      'sudo modprobe tun (in a container: --device /dev/net/tun)',
    );
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return new LabUnavailableError(
      `no VM can join a lab's bridge here: ${TUN} is closed to this user`,
      `sudo chmod 0666 ${TUN}, or run with sudo`,
    );
  }
}
