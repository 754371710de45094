import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { arm64Apt, arm64Kernel } from '../arm64-packages.ts';
import type { Recipe } from '../bundle.ts';
import { onlyRelease, placeKernel } from './kernel.ts';

/**
 * Debian's kernel for 64-bit Arm, as the kernel of PCs is laid out. The package has the bare image; GRUB unpacks gzip, and
 * 12 MB come faster by TFTP than 31.
 */
export const kernelArm64Recipe: Recipe = {
  name: 'kernel-arm64',
  what: "Debian's kernel for VMs with a 64-bit Arm processor, and its modules",
  needs: [],
  sources: ['recipes/kernel-arm64.ts', 'recipes/kernel.ts', 'apt.ts', 'arm64-packages.ts'],
  packages: [],
  resolve: arm64Kernel,
  build: async ({ folder, scratch, versions, cacheFolder, progress }) => {
    const root = await (await arm64Apt(cacheFolder)).unpack(versions, scratch, progress);
    await placeKernel(folder, root, await onlyRelease(root));
    const kernel = path.join(folder, 'vmlinuz');
    await writeFile(kernel, await promisify(gzip)(await readFile(kernel), { level: 9 }));
  },
};
