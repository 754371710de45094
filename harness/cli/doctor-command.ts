import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { labCommand } from '../lab/namespaces.ts';
import { accelerator } from '../run/accelerator.ts';
import { packagesOf } from '../setup/install.ts';
import { missingRequirements, REQUIREMENTS } from '../setup/requirements.ts';
import { EXIT } from './exit-codes.ts';

/** `pxewright doctor`: the list that set-up works through, what the kernel allows, and which accelerator will be used. */
export async function doctorCommand(options: { readonly tests?: boolean }): Promise<number> {
  const purpose = options.tests ? 'test' : 'run';
  const missing = new Set(missingRequirements(purpose));
  const remedies: string[] = [];
  for (const requirement of REQUIREMENTS.filter((one) => purpose === 'test' || one.for === 'run')) {
    const packages = packagesOf(requirement).join(' ');
    say(!missing.has(requirement), requirement.title, missing.has(requirement) ? `${requirement.why}: missing ${requirement.needs.join(', ')}` : requirement.why);
    if (missing.has(requirement)) remedies.push(packages);
  }
  const labWorks = await checkLab();
  say(labWorks === undefined, 'namespaces, bridge and taps', labWorks ?? 'a lab can be made');
  if (missing.size === 0) {
    const accel = await accelerator('auto', () => undefined);
    say(true, 'accelerator', `${accel.accel}: ${accel.reason}`);
  } else {
    process.stdout.write(`\nmend it with: sudo apt-get install -y --no-install-recommends ${remedies.join(' ')}\n`);
  }
  return missing.size === 0 && labWorks === undefined ? EXIT.passed : EXIT.labError;
}

/** Makes the smallest lab there is; says why where the kernel refuses. */
async function checkLab(): Promise<string | undefined> {
  const script = 'mount -t tmpfs tmpfs /run && ip link add br0 type bridge && ip tuntap add dev tap0 mode tap && ip link set tap0 master br0';
  const [command, ...args] = labCommand(['sh', '-c', script], { root: process.getuid?.() === 0 });
  const result = await execa(command, args, { reject: false, all: true });
  if (result.exitCode === 0) return undefined;
  if (!existsSync('/dev/net/tun')) return 'no /dev/net/tun: load it with "sudo modprobe tun"';
  if (process.getuid?.() !== 0 && readUserNamespaceLimit() === '0') return 'user namespaces are switched off: run with sudo, or "sudo sysctl kernel.unprivileged_userns_clone=1"';
  return `${typeof result.all === 'string' ? result.all.trim() : 'unshare failed'}: run with sudo, or open /dev/net/tun to this user ("sudo chmod 0666 /dev/net/tun")`;
}

function readUserNamespaceLimit(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/unprivileged_userns_clone', 'utf8').trim();
  } catch {
    return undefined;
  }
}

function say(ok: boolean, title: string, detail: string): void {
  process.stdout.write(`${ok ? 'ok     ' : 'MISSING'} ${title.padEnd(30)} ${detail}\n`);
}
