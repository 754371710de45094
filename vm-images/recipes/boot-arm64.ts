import { link, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Recipe } from '../bundle.ts';
import { ARM64_GRUB_MODULES, arm64Grub, makeGrub } from '../grub.ts';
import { NETWORK_GRUB_MODULES } from './boot-files-wds.ts';

const FOLDER = 'boot/arm64';

/**
 * What a client with a 64-bit Arm processor loads, laid beside the boot files of boot-files-wds.ts. A bundle of its own, so
 * that only runs with such a client need QEMU for Arm and packages for it.
 */
export const bootArm64Recipe: Recipe = {
  name: 'boot-arm64',
  what: `GRUB for 64-bit Arm as ${FOLDER}/wdsmgfw.efi, and the kernel and the agent that it loads`,
  needs: ['kernel-arm64', 'packages-arm64', 'agent-arm64'],
  sources: ['recipes/boot-arm64.ts', 'recipes/boot-files-wds.ts', 'grub.ts'],
  packages: ['grub-common'],
  build: async ({ folder, inputs }) => {
    const boot = path.join(folder, FOLDER);
    await mkdir(boot, { recursive: true });
    const packages = inputs.get('packages-arm64')?.folder ?? '';
    await makeGrub(
      path.join(boot, 'wdsmgfw.efi'),
      `/${FOLDER}`,
      [...NETWORK_GRUB_MODULES, ...ARM64_GRUB_MODULES],
      arm64Grub(packages),
    );
    await link(path.join(inputs.get('kernel-arm64')?.folder ?? '', 'vmlinuz'), path.join(boot, 'vmlinuz'));
    await link(path.join(inputs.get('agent-arm64')?.folder ?? '', 'agent.img'), path.join(boot, 'agent.img'));
  },
};
