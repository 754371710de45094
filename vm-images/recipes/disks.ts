import { execa } from 'execa';
import { copyFile, open } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { DISK_IMAGE_FILE, SAMPLE_DISKS } from '../bundle-contents.ts';
import { assembleDisk, type DiskParts } from '../disks/assemble.ts';
import { efiPartition, swapArea, systemFileSystem } from '../disks/file-systems.ts';
import { windowsVolume } from '../disks/windows-volume.ts';
import { GRUB_PACKAGES, X64_GRUB } from '../grub.ts';
import { grubFiles } from './agent-uefi.ts';

const SAMPLE = 'images/linux-sample';
const SOURCES: readonly string[] = [
  'recipes/disks.ts',
  'bundle-contents.ts',
  'disks',
  'comparison/wim-tree.ts',
  'comparison/wim-listing.ts',
  'comparison/whole-disk/wim-metadata.ts',
  'pseudo-random.ts',
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
const BIOS_MODULES = ['biosdisk', 'part_msdos', 'part_gpt', 'ext2', 'normal', 'configfile', 'linux', 'echo', 'test'];

// GRUB's include/grub/i386/pc/boot.h and offsets.h: where boot.img says where the core is, and the core's first sector where the rest of
// it is (its size grub-mkimage writes).
const [BOOT_CORE_AT, CORE_REST_AT] = [0x5c, 0x1f4];

/** A disk with the sample system, which a BIOS starts. */
export function diskLinuxBiosRecipe(name: 'disks/linux-bios' | 'disks/linux-bios-large'): Recipe {
  const { mebibytes, randomMiB } = SAMPLE_DISKS[name];
  return {
    name,
    what: `a disk with the sample system on ext4, ${randomMiB} MiB of it random, for a BIOS: MBR, GRUB`,
    needs: [SAMPLE],
    sources: SOURCES,
    packages: [...PACKAGES, ...BIOS_PACKAGES],
    build: async ({ folder, scratch, inputs, progress }) => {
      const system = { file: path.join(scratch, 'system'), mebibytes: mebibytes - 1, id: SYSTEM_UUID, randomMiB };
      progress('making the file system');
      await systemFileSystem(system, sampleWim(inputs), scratch);
      await assembleDisk({
        file: path.join(folder, DISK_IMAGE_FILE),
        mebibytes,
        table: 'label: dos\nlabel-id: 0x50584501\nstart=2048, type=83, bootable\n',
        partitions: [{ atMiB: 1, content: system.file }],
        biosLoader: await biosLoader(scratch, { system: 'msdos1', coreAtSector: 1 }),
        scratch,
      });
    },
  };
}

/** A disk with the sample system, which UEFI starts. */
export const diskLinuxUefiRecipe: Recipe = {
  name: 'disks/linux-uefi',
  what: 'a disk with the sample system on ext4, for UEFI: GPT, EFI system partition with GRUB, swap',
  needs: [SAMPLE],
  sources: SOURCES,
  packages: [...PACKAGES, ...UEFI_PACKAGES],
  build: async ({ folder, scratch, inputs, progress }) => {
    const { mebibytes, randomMiB } = SAMPLE_DISKS['disks/linux-uefi'];
    const at = (name: string): string => path.join(scratch, name);
    const esp = { file: at('esp'), mebibytes: 64, id: ESP_ID };
    const swap = { file: at('swap'), mebibytes: 16, id: SWAP_UUID };
    const systemAtMiB = 1 + esp.mebibytes + swap.mebibytes;
    // The last MiB has the second copy of the table.
    const system = { file: at('system'), mebibytes: mebibytes - 1 - systemAtMiB, id: SYSTEM_UUID, randomMiB };
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

/** A disk with two systems: the sample system, which a BIOS and UEFI start, and what Windows would have on its NTFS. */
export const diskTwoSystemsRecipe: Recipe = {
  name: 'disks/two-systems',
  what: 'a disk with the sample system on ext4, and an NTFS as Windows leaves it, for a BIOS and UEFI: GPT, GRUB',
  needs: [SAMPLE],
  sources: SOURCES,
  packages: [...PACKAGES, ...BIOS_PACKAGES, ...UEFI_PACKAGES, 'ntfs-3g', 'faketime'],
  build: async ({ folder, scratch, inputs, progress }) => {
    const { mebibytes, randomMiB } = SAMPLE_DISKS['disks/two-systems'];
    const at = (name: string): string => path.join(scratch, name);
    const parts = { esp: 64, system: 160, swap: 16 };
    // Behind the first MiB and the partition of a BIOS's boot loader, which has one.
    const espAtMiB = 2;
    const systemAtMiB = espAtMiB + parts.esp;
    const swapAtMiB = systemAtMiB + parts.system;
    const windowsAtMiB = swapAtMiB + parts.swap;
    const windows = mebibytes - 1 - windowsAtMiB;
    progress('making the file systems');
    await efiPartition(
      { file: at('esp'), mebibytes: parts.esp, id: ESP_ID },
      await grubFiles(scratch, X64_GRUB),
      scratch,
    );
    await systemFileSystem(
      { file: at('system'), mebibytes: parts.system, id: SYSTEM_UUID, randomMiB },
      sampleWim(inputs),
      scratch,
    );
    await swapArea({ file: at('swap'), mebibytes: parts.swap, id: SWAP_UUID });
    await windowsVolume({ file: at('windows'), mebibytes: windows, startSector: windowsAtMiB * 2048 }, scratch);
    const uuid = (number: number): string => `uuid=3B1E0D8A-6C52-4F97-8E14-70786557AC0${number}`;
    await assembleDisk({
      file: path.join(folder, DISK_IMAGE_FILE),
      mebibytes,
      table: [
        'label: gpt',
        'label-id: 3B1E0D8A-6C52-4F97-8E14-70786557AC00',
        `size=1MiB, type=21686148-6449-6E6F-744E-656564454649, ${uuid(1)}, name="BIOS boot partition"`,
        `size=${parts.esp}MiB, type=U, ${uuid(2)}, name="EFI system partition"`,
        `size=${parts.system}MiB, type=L, ${uuid(3)}, name="system"`,
        `size=${parts.swap}MiB, type=S, ${uuid(4)}, name="swap"`,
        // The last one, so that it grows on a larger disk.
        `size=${windows}MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, ${uuid(5)}, name="Basic data partition"`,
        '',
      ].join('\n'),
      partitions: [
        { atMiB: espAtMiB, content: at('esp') },
        { atMiB: systemAtMiB, content: at('system') },
        { atMiB: swapAtMiB, content: at('swap') },
        { atMiB: windowsAtMiB, content: at('windows') },
      ],
      biosLoader: await biosLoader(scratch, { system: 'gpt3', coreAtSector: 2048 }),
      scratch,
    });
  },
};

function sampleWim(inputs: BuildContext['inputs']): string {
  return path.join(inputs.get(SAMPLE)?.folder ?? '', 'Images', 'Linux', 'sample.wim');
}

/**
 * What a BIOS starts from the disk: GRUB's boot.img, which loads its core from a sector on. The system is in the partition `system`,
 * named as GRUB does.
 */
async function biosLoader(
  scratch: string,
  { system, coreAtSector }: { readonly system: string; readonly coreAtSector: number },
): Promise<NonNullable<DiskParts['biosLoader']>> {
  const [boot, core] = [path.join(scratch, 'boot.img'), path.join(scratch, 'core.img')];
  await execa('grub-mkimage', [
    `--directory=${I386_GRUB}`,
    '--format=i386-pc',
    `--output=${core}`,
    // Of the disk that it was loaded from.
    `--prefix=(,${system})/boot/grub`,
    ...BIOS_MODULES,
  ]);
  await copyFile(path.join(I386_GRUB, 'boot.img'), boot);
  await writeSector(boot, BOOT_CORE_AT, coreAtSector);
  await writeSector(core, CORE_REST_AT, coreAtSector + 1);
  return { boot, core, coreAtSector };
}

async function writeSector(file: string, at: number, sector: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(sector));
  await handle.write(bytes, 0, bytes.length, at);
}
