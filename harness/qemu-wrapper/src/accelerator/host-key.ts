import { createHash } from 'node:crypto';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';

const KVM_DEVICE = '/dev/kvm';

/** What an answer about KVM depends on: another host, boot, kernel, QEMU, processor or permission asks anew. */
export async function hostKey(qemuVersion: string, cpuModel?: string): Promise<string> {
  const [bootId, cpu, device] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    hostCpu(),
    deviceFacts(),
  ]);
  return createHash('sha256')
    .update(
      JSON.stringify([
        bootId.trim(),
        release(),
        qemuVersion,
        cpuModel ?? '',
        cpu,
        device,
        process.getuid?.(),
        process.getgroups?.(),
      ]),
    )
    .digest('hex')
    .slice(0, 24);
}

/** Why /dev/kvm cannot even be opened, with what to do; undefined when it can. */
export async function kvmDeviceProblem(): Promise<string | undefined> {
  try {
    await access(KVM_DEVICE, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT')
      return `${KVM_DEVICE}: there is no such device: load the module kvm_intel or kvm_amd, switch virtualisation on in the firmware, or allow nested virtualisation for this guest`;
    if (code === 'EACCES' || code === 'EPERM')
      return `${KVM_DEVICE}: permission denied: add this user to the group that owns it, usually \`usermod -aG kvm USER\`, and log in again`;
    return `${KVM_DEVICE}: ${String(error)}`;
  }
}

async function hostCpu(): Promise<string> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return (cpuinfo.split('\n\n')[0] ?? '')
    .split('\n')
    .filter((line) => /^(model name|flags)\s/.test(line))
    .join('\n');
}

async function deviceFacts(): Promise<unknown> {
  const facts = await stat(KVM_DEVICE).catch(() => undefined);
  return facts === undefined ? 'absent' : [facts.mode, facts.uid, facts.gid];
}
