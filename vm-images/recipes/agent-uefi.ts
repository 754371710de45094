import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BundleError } from '../bundle.ts';
import type { BuildContext, Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import type { CpioEntry } from '../cpio.ts';
import { GRUB_PACKAGES, makeGrub, X64_GRUB, type GrubTarget } from '../grub.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';
import { AGENT_PROGRAMS } from './agent.ts';

/** Files of an EFI system partition, by their paths on it. */
type EfiFiles = Readonly<Record<string, Uint8Array>>;

// What UEFI starts from a disk that no boot entry of the firmware names (UEFI 2.10 section 3.5.1.1). Such an entry would
// be lost: every power-on begins with fresh variables.
const REMOVABLE_FOLDER = 'EFI/BOOT';
const REMOVABLE_LOADERS = { 'x86_64-efi': 'BOOTX64.EFI', 'arm64-efi': 'BOOTAA64.EFI' } as const;

// What GRUB needs on the EFI system partition: find the system's file system, read its configuration, start its kernel.
const MODULES = ['part_gpt', 'fat', 'ext2', 'search', 'search_label', 'normal', 'configfile', 'test', 'echo', 'linux'];
const GRUB_CONFIGURATION = Buffer.from(
  'search --no-floppy --label system --set=root\nconfigfile /boot/grub/grub.cfg\n',
);

// Debian's packages, same paths in Ubuntu. shim starts grubx64.efi beside itself.
const SHIM = '/usr/lib/shim/shimx64.efi.signed';
const SIGNED_GRUB = '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed';
const SECURE_BOOT_NAME = 'agent-secure-boot';

/**
 * What the agent needs to install on a UEFI computer, as an initramfs that is loaded after the agent's, so that clients
 * with a BIOS do not pay for it.
 */
export const agentUefiRecipe = recipe(
  'agent-uefi',
  "initramfs beside the agent's: sfdisk for a GPT, and GRUB for the EFI system partition",
  GRUB_PACKAGES,
  (scratch) => grubFiles(scratch, X64_GRUB),
);

/** The same for a computer with Secure Boot, which starts nothing but signed programs from its disk, too. */
export const agentSecureBootRecipe = recipe(
  SECURE_BOOT_NAME,
  "initramfs beside the agent's: sfdisk for a GPT, shim and signed GRUB for the EFI system partition",
  ['shim-signed', 'grub-efi-amd64-signed'],
  async () => {
    const grub = await readFile(SIGNED_GRUB);
    return {
      [`${REMOVABLE_FOLDER}/${REMOVABLE_LOADERS['x86_64-efi']}`]: await readFile(SHIM),
      [`${REMOVABLE_FOLDER}/grubx64.efi`]: grub,
      [`${folderOfGrub(grub)}/grub.cfg`]: GRUB_CONFIGURATION,
    };
  },
);

/** An EFI system partition with a GRUB of our own, of these modules beside those that it always needs. */
export async function grubFiles(
  scratch: string,
  target: GrubTarget,
  modules: readonly string[] = [],
): Promise<EfiFiles> {
  const loader = path.join(scratch, 'boot.efi');
  await makeGrub(loader, `/${REMOVABLE_FOLDER}`, [...MODULES, ...modules], target);
  return {
    [`${REMOVABLE_FOLDER}/${REMOVABLE_LOADERS[target.format]}`]: await readFile(loader),
    [`${REMOVABLE_FOLDER}/grub.cfg`]: GRUB_CONFIGURATION,
  };
}

/** Where a signed GRUB looks for its configuration: the distribution built the folder into it, EFI/debian or EFI/ubuntu. */
function folderOfGrub(program: Buffer): string {
  const folder = /\0\/(EFI\/\w+)\0/.exec(program.toString('latin1'))?.[1];
  if (folder === undefined)
    throw new BundleError(
      SECURE_BOOT_NAME,
      `expected the folder of its configuration (/EFI/…) in ${SIGNED_GRUB}, found none`,
    );
  return folder;
}

function recipe(
  name: string,
  what: string,
  packages: readonly string[],
  efiFiles: (scratch: string) => Promise<EfiFiles>,
): Recipe {
  return {
    name,
    what,
    needs: [],
    sources: [
      'recipes/agent-uefi.ts',
      'recipes/agent.ts',
      'grub.ts',
      'cpio.ts',
      'libraries.ts',
      'initramfs-compression.ts',
    ],
    packages: ['fdisk', 'wimtools', 'e2fsprogs', 'extlinux', ...packages, 'zstd'],
    build: async (context) => build(context, name, await efiFiles(context.scratch)),
  };
}

async function build({ folder, progress }: BuildContext, name: string, efiFiles: EfiFiles): Promise<void> {
  const inAgent = new Set((await programEntries(AGENT_PROGRAMS)).map((entry) => entry.path));
  const programs = (await programEntries({ 'usr/sbin/sfdisk': '/usr/sbin/sfdisk' })).filter(
    (entry) => !inAgent.has(entry.path),
  );
  const archive = cpioNewc([...programs, ...efiEntries(efiFiles)]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, `${name}.img`), await compressInitramfs(archive));
}

/** Initramfs entries of these files, where agent/lib/boot-loader.sh has them. */
export function efiEntries(files: EfiFiles): CpioEntry[] {
  return Object.entries(files).map(([file, data]) => ({ type: 'file', path: `agent/esp/${file}`, mode: 0o644, data }));
}
