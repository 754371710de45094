import { access, copyFile, cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { Apt, remembered, type Versions } from '../apt.ts';
import { BundleError } from '../bundle.ts';
import type { Recipe } from '../bundle.ts';

// Bundle: vmlinuz, config, release, modules/ (what lies in lib/modules/RELEASE, as the package has it).

/** The distributions' names for the package that depends on the current kernel. */
const META_PACKAGES = ['linux-image-amd64', 'linux-image-generic'];
const APT = new Apt();
/** Modules that a boot image may need; the rest of the package (sound, graphics, …) is left out. */
const MODULE_FOLDERS = [
  'arch',
  'crypto',
  'drivers/ata',
  'drivers/block',
  'drivers/char',
  'drivers/md',
  'drivers/net',
  'drivers/scsi',
  'drivers/virtio',
  'fs',
  'lib',
  'net',
  'security',
];

/** The distribution's own kernel, downloaded and unpacked without installing it. */
export const kernelRecipe: Recipe = {
  name: 'kernel',
  what: "the distribution's kernel and its modules",
  needs: [],
  sources: ['recipes/kernel.ts', 'apt.ts'],
  packages: [],
  resolve: resolveOnce,
  build: async ({ folder, scratch, versions, progress }) => {
    const packages = Object.fromEntries(Object.entries(versions).filter(([name]) => name !== HOST_KERNEL));
    const isDownloaded = Object.keys(packages).length > 0;
    const root = isDownloaded ? await APT.unpack(packages, scratch, progress) : '/';
    await placeKernel(folder, root, isDownloaded ? await onlyRelease(root) : (versions[HOST_KERNEL] ?? release()));
  },
};

/** Makes the bundle of what packages hold, unpacked below `root`, or of the host's own kernel. */
export async function placeKernel(folder: string, root: string, kernelRelease: string): Promise<void> {
  // Merged /usr: packages of Debian 13 say usr/lib/modules, older ones lib/modules.
  const modules = await firstThere(
    [`usr/lib/modules/${kernelRelease}`, `lib/modules/${kernelRelease}`].map((place) => path.join(root, place)),
  );
  await copyFile(path.join(root, 'boot', `vmlinuz-${kernelRelease}`), path.join(folder, 'vmlinuz'));
  await copyFile(path.join(root, 'boot', `config-${kernelRelease}`), path.join(folder, 'config')).catch(
    () => undefined,
  );
  await writeFile(path.join(folder, 'release'), `${kernelRelease}\n`);
  const target = path.join(folder, 'modules');
  await mkdir(path.join(target, 'kernel'), { recursive: true });
  await copyFile(path.join(modules, 'modules.builtin'), path.join(target, 'modules.builtin'));
  for (const part of MODULE_FOLDERS) {
    const [from, to] = [path.join(modules, 'kernel', part), path.join(target, 'kernel', part)];
    await mkdir(path.dirname(to), { recursive: true });
    // Downloaded files may be moved; the host's own are copied.
    await (root === '/' ? cp(from, to, { recursive: true }) : rename(from, to)).catch(absent);
  }
}

/** The release of the one kernel that packages hold, unpacked below `root`. */
export async function onlyRelease(root: string): Promise<string> {
  const kernel = (await readdir(path.join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new BundleError('kernel', 'the downloaded packages hold no boot/vmlinuz-*');
  return kernel.slice('vmlinuz-'.length);
}

/** Key in `versions` for the running kernel, if it comes from the host's /boot. */
const HOST_KERNEL = 'kernel of this host';

/** Packages and their versions. Without apt's lists or network: the answer that was kept, or the host's own kernel. */
async function resolveOnce(cacheFolder: string): Promise<Versions> {
  const versions = await remembered(path.join(cacheFolder, 'kernel-packages.json'), kernelPackages, hostKernel);
  if (versions) return versions;
  throw new BundleError(
    'kernel',
    `neither ${META_PACKAGES.join(' nor ')} is known to apt, and /boot/vmlinuz-${release()} with its modules cannot be read; run apt-get update`,
  );
}

async function kernelPackages(): Promise<Versions | undefined> {
  for (const meta of META_PACKAGES) {
    const image = await APT.kernelOf(meta);
    if (image === undefined) continue;
    const abi = image.replace('linux-image-', '');
    const found = await APT.versions([image, `linux-modules-${abi}`, `linux-modules-extra-${abi}`]);
    if (Object.keys(found).length > 0) return found;
  }
  return undefined;
}

async function hostKernel(): Promise<Record<string, string> | undefined> {
  try {
    await access(`/boot/vmlinuz-${release()}`, constants.R_OK);
    await access(`/lib/modules/${release()}/modules.builtin`, constants.R_OK);
    return { [HOST_KERNEL]: release() };
  } catch {
    return undefined;
  }
}

async function firstThere(places: readonly string[]): Promise<string> {
  for (const place of places)
    if (
      await access(place).then(
        () => true,
        () => false,
      )
    )
      return place;
  throw new BundleError('kernel', `no modules at ${places.join(' or ')}`);
}

function absent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
