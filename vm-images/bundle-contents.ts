import type { DiskInterface } from '#qemu-wrapper/machines';
import type { Firmware } from '#qemu-wrapper/nic-models';

// What bundles hold, known without building them: scenarios are checked against it before anything is built.
// bundle-contents.lab.test.ts holds it against the bundles that are built.

/** What a scenario can name of a bundle. */
export interface BundleContents {
  /** Network boot programs and the firmware that runs each; the first one of a firmware is its default. */
  readonly programs?: Readonly<Record<string, Firmware>>;
  /** The bundle that is laid beside it where a scenario starts a signed boot program. */
  readonly signed?: string;
  /** The bundle that is laid beside it where a scenario has a VM with a 64-bit Arm processor. */
  readonly arm64?: string;
  /** All other files, paths below its root with forward slashes. */
  readonly files: readonly string[];
  /**
   * Its boot programs load the agent. `memoryMiB`: what a VM needs to install an image with it, by its firmware; `backupMemoryMiB`: the
   * same to save or restore its disk, for which the boot image has more in it.
   */
  readonly agent?: {
    readonly memoryMiB: Readonly<Partial<Record<Firmware, number>>>;
    readonly backupMemoryMiB: Readonly<Partial<Record<Firmware, number>>>;
    /** Disks on which it installs. */
    readonly disks: { readonly interfaces: readonly DiskInterface[]; readonly blockSizes: readonly number[] };
  };
  /** The network card that its boot image has no driver for; a driver package of the card's name has one. */
  readonly lacksDriverOf?: string;
}

const WDS: BundleContents = {
  programs: {
    'boot/x86/wdsnbp.com': 'bios',
    'boot/x86/pxeboot.com': 'bios',
    'boot/x86/pxeboot.n12': 'bios',
    'boot/x86/abortpxe.com': 'bios',
    'boot/x64/wdsmgfw.efi': 'uefi',
  },
  files: [
    'boot/x86/agent.img',
    'boot/x86/ldlinux.c32',
    'boot/x86/libutil.c32',
    'boot/x86/menu.c32',
    'boot/x86/vmlinuz',
  ],
  signed: 'signed-programs',
  arm64: 'boot-arm64',
  // Least memory with which the sample image was installed under TCG. Under UEFI one of two guests with 256 MiB reset
  // itself while it installed.
  agent: {
    memoryMiB: { bios: 128, uefi: 320, 'uefi-secure-boot': 1024, 'uefi-arm64': 256 },
    backupMemoryMiB: { bios: 256, uefi: 448, 'uefi-secure-boot': 1024 },
    // DISK_DRIVERS of recipes/agent.ts, and the names of disks that agent/lib/disk.sh looks for.
    disks: { interfaces: ['virtio', 'ide', 'sata'], blockSizes: [512] },
  },
};

/** A network boot program that loads the agent. */
interface AgentLoader {
  readonly about: string;
  /** Its file below the root, by the firmware that starts it. */
  readonly files: Readonly<Partial<Record<Firmware, string>>>;
  /** The bundle that is laid beside the boot files where it is chosen. */
  readonly bundle?: string;
  /** It asks for an address itself, as user class iPXE, and is given a script. */
  readonly isIpxe?: true;
  /**
   * What iPXE's setting `net0/chip` is where this program runs. A card's ROM that is iPXE itself takes the script as well; there the
   * setting is another one, and the script loads the program first.
   */
  readonly chip?: string;
}

/** Network boot programs that load the agent, by the word that scenarios choose them with. */
export const AGENT_LOADERS = {
  pxelinux: { about: 'PXELINUX', files: { bios: 'boot/x86/wdsnbp.com' } },
  grub: { about: 'GRUB', files: { uefi: 'boot/x64/wdsmgfw.efi', 'uefi-arm64': 'boot/arm64/wdsmgfw.efi' } },
  shim: {
    about: 'shim, then signed GRUB',
    files: { uefi: 'boot/x64/shimx64.efi', 'uefi-secure-boot': 'boot/x64/shimx64.efi' },
    bundle: 'signed-programs',
  },
  undionly: {
    about: "iPXE with the network driver of the card's ROM, then a script",
    files: { bios: 'undionly.kpxe' },
    bundle: 'boot-files/ipxe',
    isIpxe: true,
    chip: 'undionly',
  },
  snponly: {
    about: "iPXE with the firmware's network driver, then a script",
    files: { uefi: 'snponly.efi' },
    bundle: 'boot-files/ipxe',
    isIpxe: true,
  },
  ipxe: {
    about: 'iPXE with drivers of its own, then a script',
    files: { uefi: 'ipxe.efi', 'uefi-arm64': 'ipxe-arm64.efi' },
    bundle: 'boot-files/ipxe',
    isIpxe: true,
  },
} as const satisfies Readonly<Record<string, AgentLoader>>;
export type AgentLoaderName = keyof typeof AGENT_LOADERS;
export const AGENT_LOADER_NAMES = Object.keys(AGENT_LOADERS) as readonly AgentLoaderName[];

/** A boot program that loads the agent, with what only some have. */
export function agentLoader(name: AgentLoaderName): AgentLoader {
  return AGENT_LOADERS[name];
}

/**
 * The bundle that has what the agent for PCs needs under a UEFI firmware: sfdisk, and the boot loader of the disk. Its one file, `NAME.img`, is
 * loaded after the boot image.
 */
export const AGENT_UEFI_BUNDLES: Readonly<Partial<Record<Firmware, string>>> = {
  uefi: 'agent-uefi',
  'uefi-secure-boot': 'agent-secure-boot',
};

/** The one file of a bundle that is a disk. */
export const DISK_IMAGE_FILE = 'disk.qcow2';

/** A bundled disk: what a client can begin with, and which firmwares start it. */
export interface SampleDisk {
  readonly about: string;
  readonly mebibytes: number;
  /** Of the large file among its files, which does not compress. */
  readonly randomMiB: number;
  readonly firmwares: readonly Firmware[];
}

/** Bundles that are disks (recipes/disks.ts). */
export const SAMPLE_DISKS = {
  'disks/linux-bios': {
    about: 'the sample system on ext4, for a BIOS: MBR and GRUB',
    mebibytes: 256,
    randomMiB: 4,
    firmwares: ['bios'],
  },
  'disks/linux-bios-large': {
    about: 'as disks/linux-bios, with 24 MiB of random bytes in place of 4: a backup or restoration has a middle',
    mebibytes: 256,
    randomMiB: 24,
    firmwares: ['bios'],
  },
  'disks/linux-uefi': {
    about: 'the sample system on ext4, for UEFI: GPT, EFI system partition with GRUB, swap',
    mebibytes: 256,
    randomMiB: 4,
    firmwares: ['uefi'],
  },
  'disks/two-systems': {
    about:
      'for a BIOS and UEFI: GPT, BIOS boot partition, EFI system partition, the sample system on ext4, swap, and an NTFS as Windows leaves it, with attributes and alternate data streams, which does not start',
    mebibytes: 352,
    randomMiB: 4,
    firmwares: ['bios', 'uefi'],
  },
} as const satisfies Readonly<Record<string, SampleDisk>>;

/** Bundled disks that a firmware starts. */
export function disksFor(firmware: Firmware): readonly string[] {
  const disks: readonly (readonly [name: string, disk: SampleDisk])[] = Object.entries(SAMPLE_DISKS);
  return disks.filter(([, { firmwares }]) => firmwares.includes(firmware)).map(([name]) => name);
}

/** By the bundle's name: whatever a scenario can name. */
export const BUNDLE_CONTENTS: Readonly<Record<string, BundleContents>> = {
  'boot-files/wds': WDS,
  'boot-files/wds-without-rtl8139': { ...WDS, lacksDriverOf: 'rtl8139' },
  'signed-programs': {
    programs: { 'boot/x64/shimx64.efi': 'uefi-secure-boot' },
    files: ['boot/x64/grubx64.efi', 'grub/grub.cfg'],
  },
  'boot-arm64': {
    programs: { 'boot/arm64/wdsmgfw.efi': 'uefi-arm64' },
    files: ['boot/arm64/agent.img', 'boot/arm64/vmlinuz'],
  },
  'boot-files/ipxe': {
    programs: { 'undionly.kpxe': 'bios', 'snponly.efi': 'uefi', 'ipxe.efi': 'uefi', 'ipxe-arm64.efi': 'uefi-arm64' },
    files: [],
  },
  'agent-directory': { files: ['directory.img'] },
  'agent-backup': { files: ['backup.img'] },
  'agent-multicast': { files: ['multicast.img'] },
  'agent-uefi': { files: ['agent-uefi.img'] },
  'agent-secure-boot': { files: ['agent-secure-boot.img'] },
  'drivers/rtl8139': {
    files: [
      'rtl8139.img',
      'rtl8139/8139cp.ko',
      'rtl8139/8139too.ko',
      'rtl8139/mii.ko',
      'rtl8139/modules.alias',
      'rtl8139/modules.dep',
      'rtl8139/release',
    ],
  },
  reminst: { files: ['Boot/x64/Images/boot.wim', 'Boot/x64/Images/capture.wim'] },
  'images/linux-sample': { files: ['Images/Linux/sample.wim'] },
  'images/linux-arm64': { files: ['Images/Linux arm64/sample.wim'] },
  'images/linux-group': {
    files: ['Images/Linux 2012/Res.rwm', 'Images/Linux 2012/base.wim', 'Images/Linux 2012/workshop.wim'],
  },
  'packages/sample': { files: ['drawing_2.1_all.deb', 'writer_1.0_all.deb'] },
  ...Object.fromEntries(Object.keys(SAMPLE_DISKS).map((name) => [name, { files: [DISK_IMAGE_FILE] }])),
};

/** Every file of a bundle, paths below its root; undefined for a name that no bundle has. */
export function filesOfBundle(name: string): readonly string[] | undefined {
  if (!Object.hasOwn(BUNDLE_CONTENTS, name)) return undefined;
  const { programs = {}, files = [] } = BUNDLE_CONTENTS[name] ?? {};
  return [...Object.keys(programs), ...files];
}
