import { execa } from 'execa';

/** Packages that `makeGrub` needs: the modules for UEFI, and the program that joins them. */
export const GRUB_PACKAGES: readonly string[] = ['grub-efi-amd64-bin', 'grub-common'];

/**
 * Makes a GRUB for x64 UEFI with these modules and those that they need. It reads `grub.cfg` in the folder `prefix` of
 * the device or the server that it was loaded from.
 */
export async function makeGrub(file: string, prefix: string, modules: readonly string[]): Promise<void> {
  await execa('grub-mkimage', ['--format=x86_64-efi', `--output=${file}`, `--prefix=${prefix}`, ...modules]);
}
