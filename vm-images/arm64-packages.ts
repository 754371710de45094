import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BundleError } from './bundle.ts';
import { Apt, freshlyKept, remembered, type Versions } from './apt.ts';
import { withLock } from './build-lock.ts';

// Debian's packages for 64-bit Arm. They are unpacked and never run here: neither the host's apt nor its dpkg learns of
// another architecture, and nobody needs root.

/** Debian's kernel for VMs: all that QEMU's `virt` has, in 28 MB in the place of 93. */
const KERNEL = 'linux-image-cloud-arm64';
/** The agent's programs with their libraries, and the modules of GRUB. */
const PROGRAMS: readonly string[] = [
  'busybox-static',
  'wimtools',
  'libwim15t64',
  'libntfs-3g89t64',
  'libfuse3-4',
  'e2fsprogs',
  'libext2fs2t64',
  'libcom-err2',
  'libblkid1',
  'libuuid1',
  'fdisk',
  'libfdisk1',
  'libsmartcols1',
  'libreadline8t64',
  'libtinfo6',
  'libc6',
  'grub-efi-arm64-bin',
];

/** Version of the kernel's package, by its whole name. */
export const arm64Kernel = (cacheFolder: string): Promise<Versions> => pick(cacheFolder, (name) => isKernel(name));

/** Versions of the programs' packages. */
export const arm64Programs = (cacheFolder: string): Promise<Versions> => pick(cacheFolder, (name) => !isKernel(name));

const isKernel = (name: string): boolean => name.startsWith('linux-image-');

/** apt for 64-bit Arm: lists, cache and status of packages lie in the cache folder. */
export async function arm64Apt(cacheFolder: string): Promise<Apt> {
  return new Apt(['-c', await configuration(cacheFolder)]);
}

async function pick(cacheFolder: string, wanted: (name: string) => boolean): Promise<Versions> {
  const versions = await allVersions(cacheFolder);
  return Object.fromEntries(Object.entries(versions).filter(([name]) => wanted(name)));
}

async function allVersions(cacheFolder: string): Promise<Versions> {
  const memory = path.join(cacheFolder, 'arm64-packages.json');
  const fresh = await freshlyKept(memory);
  if (fresh !== undefined) return fresh;
  const locks = path.join(cacheFolder, 'locks');
  await mkdir(locks, { recursive: true });
  let why = '';
  const versions = await withLock(
    path.join(locks, 'arm64-packages'),
    () => undefined,
    () =>
      remembered(memory, async () => {
        // A container image without lists is to stay as it was built.
        if (existsSync(memory) && !(await hostHasLists())) return undefined;
        const update = await execa('apt-get', ['-c', await configuration(cacheFolder), '-q', 'update'], {
          reject: false,
          all: true,
        });
        const found = await find(await arm64Apt(cacheFolder));
        if (typeof found !== 'string') return found;
        why = `${found}${update.failed ? `; apt-get update says: ${update.all.trim().split('\n').at(-1) ?? ''}` : ''}`;
        return undefined;
      }),
  );
  if (versions !== undefined) return versions;
  throw new BundleError(
    'packages-arm64',
    `the apt sources of this host have no package ${why}: expected sources that also have arm64, as Debian's do, and a network`,
  );
}

async function hostHasLists(): Promise<boolean> {
  const files = await readdir('/var/lib/apt/lists').catch(() => []);
  return files.some((name) => name.includes('_Packages'));
}

/** Every package's version, or the name of one that apt does not know. */
async function find(apt: Apt): Promise<Versions | string> {
  const kernel = await apt.kernelOf(KERNEL);
  if (kernel === undefined) return KERNEL;
  const names = [kernel, ...PROGRAMS];
  const versions = await apt.versions(names);
  return names.find((name) => versions[name] === undefined) ?? versions;
}

/**
 * The configuration file: apt's sources are the host's, its state is not. The host's hooks are left out, since they tidy
 * the host's own cache.
 */
async function configuration(cacheFolder: string): Promise<string> {
  const folder = path.join(cacheFolder, 'apt-arm64');
  const [state, cache, status] = ['state', 'cache', 'status'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(path.join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(cache, 'archives', 'partial'), { recursive: true });
  await writeFile(status, '');
  const file = path.join(folder, 'apt.conf');
  await writeFile(
    file,
    [
      '#clear APT::Architectures;',
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      'APT::Architecture "arm64";',
      'APT::Architectures { "arm64"; };',
      // Lists may lie where the user _apt reaches nothing.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      // Without a network nobody is to wait long.
      'Acquire::Retries "1";',
      'Acquire::http::Timeout "20";',
      `Dir::State "${state}";`,
      `Dir::State::status "${status}";`,
      `Dir::Cache "${cache}";`,
      '',
    ].join('\n'),
  );
  return file;
}
