import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import { GRUB_PACKAGES, makeGrub } from '../grub.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';
import { AGENT_PROGRAMS } from './agent.ts';

// What GRUB needs on the EFI system partition: find the system's file system, read its configuration, start its kernel.
const MODULES = ['part_gpt', 'fat', 'ext2', 'search', 'search_label', 'normal', 'configfile', 'test', 'echo', 'linux'];
/** The folder of the boot loader's configuration on the EFI system partition; boot-loader.sh writes it there. */
const PREFIX = '/EFI/BOOT';

/**
 * What the agent needs to install on a UEFI computer, as an initramfs that is loaded after the agent's, so that clients
 * with a BIOS do not pay for it.
 */
export const agentUefiRecipe: Recipe = {
  name: 'agent-uefi',
  what: "initramfs beside the agent's: sfdisk for a GPT, and GRUB for the EFI system partition",
  needs: [],
  sources: [
    'recipes/agent-uefi.ts',
    'recipes/agent.ts',
    'grub.ts',
    'cpio.ts',
    'libraries.ts',
    'initramfs-compression.ts',
  ],
  packages: ['fdisk', 'wimtools', 'e2fsprogs', 'extlinux', ...GRUB_PACKAGES, 'zstd'],
  build,
};

async function build({ folder, scratch, progress }: BuildContext): Promise<void> {
  const loader = path.join(scratch, 'bootx64.efi');
  await makeGrub(loader, PREFIX, MODULES);
  const inAgent = new Set((await programEntries(AGENT_PROGRAMS)).map((entry) => entry.path));
  const programs = (await programEntries({ 'usr/sbin/sfdisk': '/usr/sbin/sfdisk' })).filter(
    (entry) => !inAgent.has(entry.path),
  );
  const archive = cpioNewc([
    ...programs,
    { type: 'file', path: 'agent/bootx64.efi', mode: 0o644, data: await readFile(loader) },
  ]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'agent-uefi.img'), await compressInitramfs(archive));
}
