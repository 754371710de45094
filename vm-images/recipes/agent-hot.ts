import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Apt, remembered, type Versions } from '../apt.ts';
import { BundleError, type BuildContext, type Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';

const NAME = 'agent-hot';
const PACKAGE = 'qemu-guest-agent';
const APT = new Apt();

/**
 * What a boot image needs so that its VM can be saved while it works, as an initramfs that is loaded after the agent's: QEMU's
 * guest agent. Its package is downloaded and unpacked: installed, it would make a service of the host's own. Its libraries are QEMU's, too.
 */
export const agentHotRecipe: Recipe = {
  name: NAME,
  what: "initramfs beside the agent's: QEMU's guest agent, for backups of a VM that goes on working",
  needs: [],
  sources: ['recipes/agent-hot.ts', 'apt.ts', 'cpio.ts', 'libraries.ts', 'initramfs-compression.ts'],
  packages: ['zstd'],
  resolve,
  build,
};

async function resolve(cacheFolder: string): Promise<Versions> {
  const found = async (): Promise<Versions | undefined> => {
    const versions = await APT.versions([PACKAGE]);
    return PACKAGE in versions ? versions : undefined;
  };
  const versions = await remembered(path.join(cacheFolder, 'guest-agent-package.json'), found);
  if (versions) return versions;
  throw new BundleError(NAME, `apt does not know the package ${PACKAGE}; run apt-get update`);
}

async function build({ folder, scratch, versions, progress }: BuildContext): Promise<void> {
  const root = await APT.unpack({ [PACKAGE]: versions[PACKAGE] ?? '' }, scratch, progress);
  const program = 'usr/sbin/qemu-ga';
  const archive = cpioNewc(await programEntries({ [program]: path.join(root, program) }));
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'hot.img'), await compressInitramfs(archive));
}
