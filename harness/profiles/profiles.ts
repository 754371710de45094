import { EDK2_HTTP, EDK2_PXE } from './known/edk2.ts';
import { GRUB } from './known/grub.ts';
import { IPXE } from './known/ipxe.ts';
import { LINUX } from './known/linux.ts';
import { PXELINUX } from './known/pxelinux.ts';
import { SHIM } from './known/shim.ts';
import type { Profile } from './profile.ts';

/** Every program whose ways are known, in the order in which their signs are looked for. */
export const PROFILES: readonly Profile[] = [IPXE, EDK2_PXE, EDK2_HTTP, SHIM, PXELINUX, GRUB, LINUX];

/** Bundled profiles and those of files: one of the same name takes the place of a bundled one, and all come before them. */
export function withProfiles(more: readonly Profile[]): readonly Profile[] {
  return [...more, ...PROFILES.filter(({ name }) => !more.some((one) => one.name === name))];
}
