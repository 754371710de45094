import { execa } from 'execa';
import { access, copyFile, cp, mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { BundleError } from '../bundle.ts';
import type { BuildContext, Recipe } from '../bundle.ts';

// Bundle: vmlinuz, config, release, modules/ (what lies in lib/modules/RELEASE, as the package has it).

/** The distributions' names for the package that depends on the current kernel. */
const META_PACKAGES = ['linux-image-amd64', 'linux-image-generic'];
/** Modules that a boot image may need; the rest of the package (sound, graphics, …) is left out. */
const MODULE_FOLDERS = [
  'arch',
  'crypto',
  'drivers/ata',
  'drivers/block',
  'drivers/char',
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
  sources: ['recipes/kernel.ts'],
  packages: [],
  resolve: resolveOnce,
  build,
};

async function build({ folder, scratch, versions, progress }: BuildContext): Promise<void> {
  const packages = Object.entries(versions).filter(([name]) => name !== HOST_KERNEL);
  const root = packages.length > 0 ? await downloaded(packages, scratch, progress) : '/';
  const kernelRelease = packages.length > 0 ? await onlyRelease(root) : (versions[HOST_KERNEL] ?? release());
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

async function downloaded(
  packages: readonly [string, string][],
  scratch: string,
  progress: (line: string) => void,
): Promise<string> {
  const root = path.join(scratch, 'root');
  await mkdir(root);
  for (const [name, version] of packages) {
    progress(`downloading ${name} ${version} (apt-get download, nothing is installed)`);
    await execa('apt-get', ['download', `${name}=${version}`], { cwd: scratch });
  }
  for (const file of (await readdir(scratch)).filter((name) => name.endsWith('.deb'))) {
    progress(`unpacking ${file}`);
    await execa('dpkg-deb', ['--extract', path.join(scratch, file), root]);
  }
  return root;
}

async function onlyRelease(root: string): Promise<string> {
  const kernel = (await readdir(path.join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new BundleError('kernel', 'the downloaded packages hold no boot/vmlinuz-*');
  return kernel.slice('vmlinuz-'.length);
}

/** Key in `versions` for the running kernel, if it comes from the host's /boot. */
const HOST_KERNEL = 'kernel of this host';

/**
 * Packages and their versions. apt takes a second to answer, so the answer is cached until apt's lists change. Without
 * lists or network: the cached answer, or the host's own kernel.
 */
async function resolveOnce(cacheFolder: string): Promise<Record<string, string>> {
  const memory = path.join(cacheFolder, 'kernel-packages.json');
  const stamp = await aptStamp();
  const known = await readFile(memory, 'utf8')
    .then((text) => JSON.parse(text) as { stamp: string; versions: Record<string, string> })
    .catch(() => undefined);
  if (known?.stamp === stamp) return known.versions;
  const versions = (await kernelPackages()) ?? known?.versions ?? (await hostKernel());
  if (!versions) {
    throw new BundleError(
      'kernel',
      `neither ${META_PACKAGES.join(' nor ')} is known to apt, and /boot/vmlinuz-${release()} with its modules cannot be read; run apt-get update`,
    );
  }
  await mkdir(cacheFolder, { recursive: true });
  await writeFile(`${memory}.${process.pid}`, JSON.stringify({ stamp, versions }));
  await rename(`${memory}.${process.pid}`, memory);
  return versions;
}

async function aptStamp(): Promise<string> {
  const times = await Promise.all(
    ['/var/lib/apt/lists', '/etc/apt', '/etc/apt/sources.list.d', '/etc/os-release'].map((place) =>
      stat(place).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    ),
  );
  return times.join(' ');
}

async function kernelPackages(): Promise<Record<string, string> | undefined> {
  for (const meta of META_PACKAGES) {
    const image = parseDependencies((await apt(['depends', meta])) ?? '').find((name) => /^linux-image-\d/.test(name));
    if (image === undefined) continue;
    const abi = image.replace('linux-image-', '');
    const names = [image, `linux-modules-${abi}`, `linux-modules-extra-${abi}`];
    const found: [string, string][] = [];
    for (const name of names) {
      const version = /^Version: (.+)$/m.exec((await apt(['show', '--no-all-versions', name])) ?? '')?.[1];
      if (version !== undefined) found.push([name, version]);
    }
    if (found.length > 0) return Object.fromEntries(found);
  }
  return undefined;
}

/** Names after `Depends:` in the output of `apt-cache depends`. */
export function parseDependencies(text: string): string[] {
  return [...text.matchAll(/^\s*\|?Depends: (\S+)$/gm)].map((match) => match[1] ?? '');
}

async function apt(args: string[]): Promise<string | undefined> {
  const result = await execa('apt-cache', args, { reject: false, env: { LC_ALL: 'C' } });
  return result.failed ? undefined : result.stdout;
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
