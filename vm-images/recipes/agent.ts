import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { busyboxEntries, skeletonEntries } from '../busybox.ts';
import { cpioNewc } from '../cpio.ts';
import type { CpioEntry } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { moduleEntries } from '../kernel-bundle.ts';
import { programEntries } from '../libraries.ts';

const FOLDERS = ['dev', 'proc', 'sys', 'run', 'tmp', 'etc', 'share', 'target'];
/** Host programs of the boot image, by their places in it. */
export const AGENT_PROGRAMS: Readonly<Record<string, string>> = {
  'usr/bin/wimlib-imagex': '/usr/bin/wimlib-imagex',
  'agent/mke2fs': '/usr/sbin/mke2fs',
  'usr/bin/extlinux': '/usr/bin/extlinux',
};
const AGENT = path.join(import.meta.dirname, '..', 'agent');

export const DISK_DRIVERS: readonly string[] = ['virtio_blk', 'ata_piix', 'ahci', 'sd_mod'];
export const ARM64_DISK_DRIVERS: readonly string[] = ['virtio_blk'];
// vfat with Debian's default code page and character set: the EFI system partition.
const FILE_SYSTEMS = ['ext4', 'cifs', 'nls_utf8', 'vfat', 'nls_cp437', 'nls_ascii'];
/** The module that ext4 requests from the crypto API by name. No dependency names it, and no mount works without it. */
export const EXT4_CRYPTO: readonly string[] = ['crc32c_generic'];
// The same for cifs at logon.
const CIFS_CRYPTO = ['md5', 'hmac', 'cmac', 'ccm', 'gcm', 'ecb', 'sha256_generic', 'sha512_generic'];

/** What determines every agent, beside its packages. */
export const AGENT_SOURCES: readonly string[] = [
  'recipes/agent.ts',
  'agent',
  'busybox.ts',
  'cpio.ts',
  'kernel-modules.ts',
  'kernel-bundle.ts',
  'libraries.ts',
  'initramfs-compression.ts',
];

/** The guest's agent as an initramfs: busybox, its scripts, drivers, and the programs that install an image. */
export function agentRecipe(name: string, nicDrivers: readonly string[]): Recipe {
  return {
    name,
    what: `initramfs of the guest's agent, drivers for ${nicDrivers.join(' ')}`,
    needs: ['kernel', 'wdsctl'],
    sources: AGENT_SOURCES,
    packages: ['busybox-static', 'wimtools', 'e2fsprogs', 'extlinux', 'zstd', 'xz-utils'],
    parameters: { nicDrivers },
    build: (context) => build(context, nicDrivers),
  };
}

async function build(context: BuildContext, nicDrivers: readonly string[]): Promise<void> {
  const { inputs } = context;
  const programs = await programEntries({
    ...AGENT_PROGRAMS,
    'usr/bin/wdsctl': path.join(inputs.get('wdsctl')?.folder ?? '', 'wdsctl'),
  });
  await writeAgent(context, {
    kernel: inputs.get('kernel')?.folder ?? '',
    drivers: [...nicDrivers, ...DISK_DRIVERS],
    busybox: await busyboxEntries(),
    others: [
      { type: 'file', path: 'agent/mbr.bin', mode: 0o644, data: await readFile('/usr/lib/EXTLINUX/mbr.bin') },
      ...programs,
    ],
  });
}

/** What the agents for different processors do not share. */
interface AgentParts {
  /** Folder of a kernel's bundle. */
  readonly kernel: string;
  /** Modules of network cards and disks. */
  readonly drivers: readonly string[];
  readonly busybox: readonly CpioEntry[];
  /** Programs, and what makes a disk bootable. */
  readonly others: readonly CpioEntry[];
}

/** Writes the agent of these parts, its scripts and the modules that it needs anywhere, as `agent.img`. */
export async function writeAgent(
  { folder, progress }: Pick<BuildContext, 'folder' | 'progress'>,
  { kernel, drivers, busybox, others }: AgentParts,
): Promise<void> {
  progress(`gathering modules for ${drivers.join(' ')}`);
  const modules = await moduleEntries(kernel, [...drivers, ...FILE_SYSTEMS], [...EXT4_CRYPTO, ...CIFS_CRYPTO]);
  const archive = cpioNewc([
    ...skeletonEntries(FOLDERS),
    ...busybox,
    ...(await scriptEntries()),
    ...others,
    ...modules,
  ]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'agent.img'), await compressInitramfs(archive));
}

async function scriptEntries(): Promise<CpioEntry[]> {
  const script = async (target: string, source: string, mode = 0o644): Promise<CpioEntry> => ({
    type: 'file',
    path: target,
    mode,
    data: await readFile(path.join(AGENT, source)),
  });
  const parts = (await readdir(path.join(AGENT, 'lib'))).sort();
  return [
    await script('init', 'init', 0o755),
    await script('agent/lease', 'lease', 0o755),
    await script('agent/json.awk', 'json.awk'),
    await script('agent/answer-file.awk', 'answer-file.awk'),
    await script('agent/utf16.awk', 'utf16.awk'),
    await script('agent/wim-images.awk', 'wim-images.awk'),
    await script('agent/capture.ini', 'capture.ini'),
    ...(await Promise.all(parts.map((part) => script(`agent/${part}`, `lib/${part}`)))),
  ];
}
