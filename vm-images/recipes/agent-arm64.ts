import path from 'node:path';
import type { Recipe } from '../bundle.ts';
import { busyboxEntries } from '../busybox.ts';
import { ARM64_GRUB_MODULES, arm64Grub } from '../grub.ts';
import { unpackedProgramEntries } from '../libraries.ts';
import { NIC_DRIVERS } from '../nic-drivers.ts';
import { AGENT_SOURCES, ARM64_DISK_DRIVERS, writeAgent } from './agent.ts';
import { efiEntries, grubFiles } from './agent-uefi.ts';

const LIBRARIES = 'usr/lib/aarch64-linux-gnu';
/** Programs of the boot image, by their places in it. */
const PROGRAMS = {
  'usr/bin/wimlib-imagex': 'usr/bin/wimlib-imagex',
  'usr/sbin/sfdisk': 'usr/sbin/sfdisk',
  'agent/mke2fs': 'usr/sbin/mke2fs',
};

/**
 * The guest's agent for 64-bit Arm: the same scripts over Debian's programs for that processor. It has what UEFI needs in itself,
 * since an Arm computer has no other firmware.
 */
export const agentArm64Recipe: Recipe = {
  name: 'agent-arm64',
  what: "initramfs of the guest's agent for 64-bit Arm, with GRUB for the EFI system partition",
  needs: ['kernel-arm64', 'packages-arm64'],
  sources: ['recipes/agent-arm64.ts', 'recipes/agent-uefi.ts', 'grub.ts', ...AGENT_SOURCES],
  packages: ['busybox-static', 'grub-common', 'binutils', 'zstd', 'xz-utils'],
  build: async (context) => {
    const root = context.inputs.get('packages-arm64')?.folder ?? '';
    await writeAgent(context, {
      kernel: context.inputs.get('kernel-arm64')?.folder ?? '',
      // The one card that Arm's firmware boots from.
      drivers: [...NIC_DRIVERS['virtio-net-pci'], ...ARM64_DISK_DRIVERS],
      busybox: await busyboxEntries(path.join(root, 'usr', 'bin', 'busybox')),
      others: [
        ...(await unpackedProgramEntries(root, LIBRARIES, PROGRAMS)),
        ...efiEntries(await grubFiles(context.scratch, arm64Grub(root), ARM64_GRUB_MODULES)),
      ],
    });
  },
};
