import { execa } from 'execa';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { DISK_IMAGE_FILE, SAMPLE_DISKS } from '../bundle-contents.ts';
import { assembleDisk } from '../disks/assemble.ts';
import { efiPartition, swapArea, systemFileSystem } from '../disks/file-systems.ts';
import { GRUB_PACKAGES, X64_GRUB } from '../grub.ts';
import { grubFiles } from './agent-uefi.ts';

const SAMPLE = 'images/linux-sample';
const SOURCES: readonly string[] = [
  'recipes/disks.ts',
  'disks',
  'comparison/wim-tree.ts',
  'comparison/wim-listing.ts',
  'grub.ts',
  'recipes/agent-uefi.ts',
];
const PACKAGES: readonly string[] = ['wimtools', 'e2fsprogs', 'fdisk', 'qemu-utils'];
const BIOS_PACKAGES: readonly string[] = ['grub-pc-bin', 'grub-common'];
const UEFI_PACKAGES: readonly string[] = [...GRUB_PACKAGES, 'dosfstools', 'mtools', 'util-linux'];

// Ids that the makers of tables and file systems would draw by lot.
const SYSTEM_UUID = '5f0c2d3e-8a41-4b6c-9d77-0e1f2a3b4c5d';
const SWAP_UUID = '8b7e6d5c-4f3a-4e2b-9c1d-a0b1c2d3e4f5';
const ESP_ID = '50584521';

// GRUB in the gap behind the MBR, which reads the image's own configuration. EXTLINUX, which the agent installs, needs its
// file system mounted; and this code, outside of every partition, is what a backup of partitions alone loses.
const I386_GRUB = '/usr/lib/grub/i386-pc';
const BIOS_MODULES = ['biosdisk', 'part_msdos', 'ext2', 'normal', 'configfile', 'linux', 'echo', 'test'];

/** A disk with the sample system, which a BIOS starts. */
export const diskLinuxBiosRecipe: Recipe = {
  name: 'disks/linux-bios',
  what: 'a disk with the sample system on ext4, for a BIOS: MBR, GRUB',
  needs: [SAMPLE],
  sources: SOURCES,
  packages: [...PACKAGES, ...BIOS_PACKAGES],
  build: async ({ folder, scratch, inputs, progress }) => {
    const { mebibytes } = SAMPLE_DISKS['disks/linux-bios'];
    const system = { file: path.join(scratch, 'system'), mebibytes: mebibytes - 1, id: SYSTEM_UUID };
    progress('making the file system');
    await systemFileSystem(system, sampleWim(inputs), scratch);
    await assembleDisk({
      file: path.join(folder, DISK_IMAGE_FILE),
      mebibytes,
      table: 'label: dos\nlabel-id: 0x50584501\nstart=2048, type=83, bootable\n',
      partitions: [{ atMiB: 1, content: system.file }],
      biosLoader: await biosLoader(scratch),
      scratch,
    });
  },
};

/** A disk with the sample system, which UEFI starts. */
export const diskLinuxUefiRecipe: Recipe = {
  name: 'disks/linux-uefi',
  what: 'a disk with the sample system on ext4, for UEFI: GPT, EFI system partition with GRUB, swap',
  needs: [SAMPLE],
  sources: SOURCES,
  packages: [...PACKAGES, ...UEFI_PACKAGES],
  build: async ({ folder, scratch, inputs, progress }) => {
    const { mebibytes } = SAMPLE_DISKS['disks/linux-uefi'];
    const at = (name: string): string => path.join(scratch, name);
    const esp = { file: at('esp'), mebibytes: 64, id: ESP_ID };
    const swap = { file: at('swap'), mebibytes: 16, id: SWAP_UUID };
    const systemAtMiB = 1 + esp.mebibytes + swap.mebibytes;
    // The last MiB has the second copy of the table.
    const system = { file: at('system'), mebibytes: mebibytes - 1 - systemAtMiB, id: SYSTEM_UUID };
    progress('making the file systems');
    await efiPartition(esp, await grubFiles(scratch, X64_GRUB), scratch);
    await swapArea(swap);
    await systemFileSystem(system, sampleWim(inputs), scratch);
    await assembleDisk({
      file: path.join(folder, DISK_IMAGE_FILE),
      mebibytes,
      table: [
        'label: gpt',
        'label-id: 3B1E0D8A-6C52-4F97-8E14-70786557AA01',
        `size=${esp.mebibytes}MiB, type=U, uuid=3B1E0D8A-6C52-4F97-8E14-70786557AA02, name="EFI system partition"`,
        `size=${swap.mebibytes}MiB, type=S, uuid=3B1E0D8A-6C52-4F97-8E14-70786557AA03, name="swap"`,
        `size=${system.mebibytes}MiB, type=L, uuid=3B1E0D8A-6C52-4F97-8E14-70786557AA04, name="system"`,
        '',
      ].join('\n'),
      partitions: [
        { atMiB: 1, content: esp.file },
        { atMiB: 1 + esp.mebibytes, content: swap.file },
        { atMiB: systemAtMiB, content: system.file },
      ],
      scratch,
    });
  },
};

function sampleWim(inputs: BuildContext['inputs']): string {
  return path.join(inputs.get(SAMPLE)?.folder ?? '', 'Images', 'Linux', 'sample.wim');
}

/** What a BIOS starts from the disk: GRUB's boot.img finds its core in the next sector, and that one its own size in itself. */
async function biosLoader(scratch: string): Promise<{ readonly boot: string; readonly core: string }> {
  const core = path.join(scratch, 'core.img');
  await execa('grub-mkimage', [
    `--directory=${I386_GRUB}`,
    '--format=i386-pc',
    `--output=${core}`,
    // The first partition of the disk that it was loaded from.
    '--prefix=(,msdos1)/boot/grub',
    ...BIOS_MODULES,
  ]);
  return { boot: path.join(I386_GRUB, 'boot.img'), core };
}
