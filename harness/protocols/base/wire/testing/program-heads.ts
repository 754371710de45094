import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The first kilobyte of real boot programs, from Debian 13's ipxe, shim-signed, pxelinux and syslinux-efi, of grub-mkimage, and
 * of its kernel.
 */
export type ProgramHead =
  | 'grubx64-unsigned.efi'
  | 'ipxe-arm64.efi'
  | 'pxelinux.0'
  | 'shimx64.efi'
  | 'snponly.efi'
  | 'syslinux-ia32.efi'
  | 'undionly.kpxe'
  | 'vmlinuz';

/** The first kilobyte of a boot program. */
export function programHead(name: ProgramHead): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(import.meta.dirname, '..', 'testdata', `${name}.head`)));
}
