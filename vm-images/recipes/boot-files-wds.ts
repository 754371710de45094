import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { GRUB_PACKAGES, makeGrub } from '../grub.ts';

// Debian's pxelinux and syslinux-common, same paths in Ubuntu.
const PXELINUX = '/usr/lib/PXELINUX/pxelinux.0';
const MODULES = '/usr/lib/syslinux/modules/bios';
// Its core, and its menu with the library that this needs.
const MODULE_FILES = ['ldlinux.c32', 'menu.c32', 'libutil.c32'];

// xor ax, ax; retf: returns to the ROM with PXENV_EXIT_SUCCESS, and the ROM tries the next boot device (PXE 2.1 section
// 4.4.5).
const ABORT = Uint8Array.of(0x31, 0xc0, 0xcb);

/** GRUB as a network boot program: the firmware's network, TFTP, and what grubConfig() of agent-options.ts says. */
export const NETWORK_GRUB_MODULES: readonly string[] = ['efinet', 'tftp', 'normal', 'configfile', 'linux'];

/**
 * The TFTP root of a WDS stand-in: PXELINUX and GRUB under the names of WDS's network boot programs for BIOS and x64
 * UEFI, the kernel (which is signed) and the agent. PXELINUX looks for everything below the folder of its own name
 * (harness/docs/firmware-quirks.md), GRUB for `grub.cfg` in the folder that it was built with. Both configurations are
 * written per scenario: `pxelinuxConfig()` and `grubConfig()` of agent-options.ts.
 */
export function bootFilesWdsRecipe(name: string, agent: string): Recipe {
  return {
    name,
    what: `TFTP root: PXELINUX as boot/x86/wdsnbp.com, GRUB as boot/x64/wdsmgfw.efi, kernel, ${agent}`,
    needs: ['kernel', agent],
    sources: ['recipes/boot-files-wds.ts', 'grub.ts'],
    packages: ['pxelinux', 'syslinux-common', ...GRUB_PACKAGES],
    build: (context) => build(context, agent),
  };
}

async function build({ folder, inputs }: BuildContext, agent: string): Promise<void> {
  const boot = path.join(folder, 'boot', 'x86');
  await mkdir(boot, { recursive: true });
  for (const name of ['wdsnbp.com', 'pxeboot.com', 'pxeboot.n12']) await copyFile(PXELINUX, path.join(boot, name));
  await writeFile(path.join(boot, 'abortpxe.com'), ABORT);
  for (const name of MODULE_FILES) await copyFile(path.join(MODULES, name), path.join(boot, name));
  await link(path.join(inputs.get('kernel')?.folder ?? '', 'vmlinuz'), path.join(boot, 'vmlinuz'));
  await link(path.join(inputs.get(agent)?.folder ?? '', 'agent.img'), path.join(boot, 'agent.img'));
  await mkdir(path.join(folder, 'boot', 'x64'));
  await makeGrub(path.join(folder, 'boot', 'x64', 'wdsmgfw.efi'), '/boot/x64', NETWORK_GRUB_MODULES);
}
