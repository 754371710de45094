import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';

// Debian's shim-signed and grub-efi-amd64-signed: shim is signed by Microsoft, whose key firmware has, and starts
// grubx64.efi from the folder that it came from itself.
const SIGNED = {
  'shimx64.efi': '/usr/lib/shim/shimx64.efi.signed',
  'grubx64.efi': '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
};
// The signed GRUB reads this one file. It takes the configurations of the other GRUB from here on, each client's own
// first.
const SIGNED_GRUB_CONFIGURATION = 'set prefix=($root)/boot/x64\nnormal\n';

/**
 * What Secure Boot starts, laid beside the boot files of boot-files-wds.ts. A bundle of its own, so that only runs with Secure
 * Boot need its packages.
 */
export const signedProgramsRecipe: Recipe = {
  name: 'signed-programs',
  what: "network boot programs that Secure Boot starts: shim as boot/x64/shimx64.efi, and Debian's signed GRUB, which it loads",
  needs: [],
  sources: ['recipes/signed-programs.ts'],
  packages: ['shim-signed', 'grub-efi-amd64-signed'],
  build,
};

async function build({ folder }: BuildContext): Promise<void> {
  await mkdir(path.join(folder, 'boot', 'x64'), { recursive: true });
  for (const [name, file] of Object.entries(SIGNED)) await copyFile(file, path.join(folder, 'boot', 'x64', name));
  await mkdir(path.join(folder, 'grub'));
  await writeFile(path.join(folder, 'grub', 'grub.cfg'), SIGNED_GRUB_CONFIGURATION);
}
