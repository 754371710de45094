import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';

// Debian's ipxe, same paths in Ubuntu.
const IPXE = '/usr/lib/ipxe';
const PROGRAMS = ['undionly.kpxe', 'snponly.efi', 'ipxe.efi', 'ipxe-arm64.efi'];

/**
 * iPXE as network boot programs: undionly.kpxe and snponly.efi use the firmware's network driver, the others their own. They
 * load what DHCP then tells them to.
 */
export const bootFilesIpxeRecipe: Recipe = {
  name: 'boot-files/ipxe',
  what: 'network boot programs of iPXE: undionly.kpxe for BIOS, snponly.efi and ipxe.efi for x64 UEFI, ipxe-arm64.efi for Arm',
  needs: [],
  sources: ['recipes/boot-files-ipxe.ts'],
  packages: ['ipxe'],
  build,
};

async function build({ folder }: BuildContext): Promise<void> {
  for (const name of PROGRAMS) await copyFile(path.join(IPXE, name), path.join(folder, name));
}
