import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';
import { driverPackage } from './driver-package.ts';

/** loop: what a snapshot keeps lies in a file. */
const MODULES = ['dm-mod', 'dm-snapshot', 'loop'];

/**
 * What a boot image needs to save a file system while it is written, as an initramfs that is loaded after the agent's: device-mapper as a
 * driver package, and dmsetup.
 */
export const agentSnapshotRecipe: Recipe = {
  name: 'agent-snapshot',
  what: "initramfs beside the agent's: dmsetup and device-mapper's snapshots, for backups of a disk that is written meanwhile",
  needs: ['kernel'],
  sources: [
    'recipes/agent-snapshot.ts',
    'recipes/driver-package.ts',
    'cpio.ts',
    'kernel-modules.ts',
    'kernel-bundle.ts',
    'libraries.ts',
    'initramfs-compression.ts',
  ],
  packages: ['dmsetup', 'zstd', 'xz-utils'],
  build,
};

async function build({ folder, inputs, progress }: BuildContext): Promise<void> {
  const { entries } = await driverPackage(inputs.get('kernel')?.folder ?? '', 'snapshot', MODULES);
  const archive = cpioNewc([...(await programEntries({ 'usr/sbin/dmsetup': '/usr/sbin/dmsetup' })), ...entries]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'snapshot.img'), await compressInitramfs(archive));
}
