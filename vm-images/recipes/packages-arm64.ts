import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { arm64Apt, arm64Programs } from '../arm64-packages.ts';
import type { Recipe } from '../bundle.ts';

/** What packages bring and nothing here uses. */
const UNUSED = ['share', 'lib/aarch64-linux-gnu/gconv'];

/** Programs and libraries for 64-bit Arm, and GRUB's modules, as they lie below `/usr`. Nothing of it runs on the host. */
export const packagesArm64Recipe: Recipe = {
  name: 'packages-arm64',
  what: "Debian's packages for 64-bit Arm that the agent and GRUB there are made from, unpacked",
  needs: [],
  sources: ['recipes/packages-arm64.ts', 'apt.ts', 'arm64-packages.ts'],
  packages: [],
  resolve: arm64Programs,
  build: async ({ folder, scratch, versions, cacheFolder, progress }) => {
    const root = await (await arm64Apt(cacheFolder)).unpack(versions, scratch, progress);
    for (const place of UNUSED) await rm(path.join(root, 'usr', place), { recursive: true, force: true });
    await rename(path.join(root, 'usr'), path.join(folder, 'usr'));
  },
};
