import { execa } from 'execa';
import path from 'node:path';

/** Packages that `makeGrub` needs: the modules for UEFI, and the program that joins them. */
export const GRUB_PACKAGES: readonly string[] = ['grub-efi-amd64-bin', 'grub-common'];

/** A processor's name for GRUB, and where its modules are. */
export interface GrubTarget {
  readonly format: 'x86_64-efi' | 'arm64-efi';
  readonly modules: string;
}

export const X64_GRUB: GrubTarget = { format: 'x86_64-efi', modules: '/usr/lib/grub/x86_64-efi' };

/** What GRUB for 64-bit Arm needs beside others: the kernel there is unpacked by whoever loads it. */
export const ARM64_GRUB_MODULES: readonly string[] = ['gzio'];

/** GRUB for 64-bit Arm, by the modules of the bundle packages-arm64. The host's grub-mkimage runs none of them. */
export const arm64Grub = (packagesFolder: string): GrubTarget => ({
  format: 'arm64-efi',
  modules: path.join(packagesFolder, 'usr', 'lib', 'grub', 'arm64-efi'),
});

/**
 * Makes a GRUB for UEFI with these modules and those that they need. It reads `grub.cfg` in the folder `prefix` of
 * the device or the server that it was loaded from.
 */
export async function makeGrub(
  file: string,
  prefix: string,
  modules: readonly string[],
  target: GrubTarget = X64_GRUB,
): Promise<void> {
  await execa('grub-mkimage', [
    `--directory=${target.modules}`,
    `--format=${target.format}`,
    `--output=${file}`,
    `--prefix=${prefix}`,
    ...modules,
  ]);
}
