import { execa } from 'execa';
import {
  chmod,
  copyFile,
  lstat,
  lutimes,
  mkdir,
  readFile,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { BUNDLED_IMAGES } from '../bundled-images.ts';
import { BUSYBOX, busyboxEntries, skeletonEntries } from '../busybox.ts';
import { cpioNewc } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { moduleEntries } from '../kernel-bundle.ts';
import { pseudoRandomBytes } from '../pseudo-random.ts';
import { makeReproducible } from '../wim-reproducible.ts';
import { ARM64_DISK_DRIVERS, DISK_DRIVERS, EXT4_CRYPTO } from './agent.ts';

const INSTALLED = path.join(import.meta.dirname, '..', 'installed');
const MIB = 1024 * 1024;
/**
 * Every file's time in the image, so that the same inputs give the same WIM: 2012-06-01, from the years of the systems
 * that it stands in for.
 */
export const SAMPLE_TIME_S = Date.UTC(2012, 5, 1) / 1000;
/** Folder of the files that a careless copy gets wrong. */
const COMPARISON_FOLDER = 'srv/comparison';
const RANDOM_MIB = 32;

/** What differs between the sample images for different processors. */
interface Sample {
  readonly image: keyof typeof BUNDLED_IMAGES;
  /** Bundle of the kernel. */
  readonly kernel: string;
  /** Bundle with the packages for this processor, unpacked; absent where the host has them installed. */
  readonly packages?: string;
  /** PROCESSOR_ARCHITECTURE_AMD64 or _ARM64 in a WIM's XML. */
  readonly windowsArchitecture: '9' | '12';
  readonly diskDrivers: readonly string[];
  /** The kernel's name of the first serial port. */
  readonly console: string;
  /** Of the one large file, which no compression makes smaller. */
  readonly randomMiB: number;
}

/** A WIM with a small Linux to install: the stand-in for WDS's install images. */
export const imagesLinuxSampleRecipe = recipe(
  'images/linux-sample',
  'Images/Linux/sample.wim, a small installable Linux',
  {
    image: 'Images\\Linux\\sample.wim',
    kernel: 'kernel',
    windowsArchitecture: '9',
    diskDrivers: DISK_DRIVERS,
    console: 'ttyS0',
    randomMiB: RANDOM_MIB,
  },
);

/** The same for 64-bit Arm, and smaller: whatever runs it is emulated on most hosts. */
export const imagesLinuxArm64Recipe = recipe(
  'images/linux-arm64',
  'Images/Linux arm64/sample.wim, the same Linux for 64-bit Arm',
  {
    image: 'Images\\Linux arm64\\sample.wim',
    kernel: 'kernel-arm64',
    packages: 'packages-arm64',
    windowsArchitecture: '12',
    diskDrivers: ARM64_DISK_DRIVERS,
    console: 'ttyAMA0',
    randomMiB: 4,
  },
);

function recipe(name: string, what: string, sample: Sample): Recipe {
  return {
    name,
    what,
    needs: [sample.kernel, ...(sample.packages === undefined ? [] : [sample.packages])],
    sources: [
      'recipes/images-linux-sample.ts',
      'recipes/agent.ts',
      'installed',
      'bundled-images.ts',
      'busybox.ts',
      'cpio.ts',
      'kernel-modules.ts',
      'kernel-bundle.ts',
      'initramfs-compression.ts',
      'pseudo-random.ts',
      'wim-reproducible.ts',
    ],
    packages: ['busybox-static', 'wimtools', 'zstd', 'xz-utils'],
    build: (context) => build(context, sample),
  };
}

async function build({ folder, scratch, inputs, progress }: BuildContext, sample: Sample): Promise<void> {
  const tree = path.join(scratch, 'tree');
  const busybox =
    sample.packages === undefined
      ? BUSYBOX
      : path.join(inputs.get(sample.packages)?.folder ?? '', 'usr', 'bin', 'busybox');
  await systemFiles(tree, inputs.get(sample.kernel)?.folder ?? '', busybox, sample);
  await comparisonFiles(path.join(tree, COMPARISON_FOLDER), sample.randomMiB);
  await normalise(tree);
  const wim = path.join(folder, ...sample.image.split('\\'));
  await mkdir(path.dirname(wim), { recursive: true });
  progress('capturing the tree into a WIM');
  // No compression: the kernel and the pseudo-random file do not compress, and a guest without acceleration
  // decompresses XPRESS at a few MB/s.
  await execa('wimlib-imagex', [
    'capture',
    tree,
    wim,
    BUNDLED_IMAGES[sample.image],
    'Small Linux that says that it is up',
    `--image-property=WINDOWS/ARCH=${sample.windowsArchitecture}`,
    '--compress=none',
    '--check',
    '--unix-data',
    '--threads=1',
    '--quiet',
  ]);
  await makeReproducible(wim);
}

async function systemFiles(tree: string, kernel: string, busybox: string, sample: Sample): Promise<void> {
  for (const place of ['bin', 'sbin', 'boot/grub', 'dev', 'proc', 'sys', 'etc', 'srv'])
    await mkdir(path.join(tree, place), { recursive: true });
  await copyFile(busybox, path.join(tree, 'bin', 'busybox'));
  await chmod(path.join(tree, 'bin', 'busybox'), 0o755);
  for (const program of [
    'sh',
    'cat',
    'hostname',
    'mkdir',
    'mv',
    'rm',
    'sed',
    'uname',
    'stty',
    'mount',
    'sync',
    'poweroff',
  ])
    await symlink('busybox', path.join(tree, 'bin', program));
  await copyFile(path.join(INSTALLED, 'init'), path.join(tree, 'sbin', 'init'));
  await chmod(path.join(tree, 'sbin', 'init'), 0o755);
  for (const [source, target] of [
    ['extlinux.conf', 'extlinux.conf'],
    ['grub.cfg', 'grub/grub.cfg'],
  ] as const) {
    const text = await readFile(path.join(INSTALLED, source), 'utf8');
    await writeFile(path.join(tree, 'boot', target), text.replace('console=ttyS0', `console=${sample.console}`));
  }
  await copyFile(path.join(kernel, 'vmlinuz'), path.join(tree, 'boot', 'vmlinuz'));
  await writeFile(path.join(tree, 'boot', 'initramfs'), await installedInitramfs(kernel, busybox, sample.diskDrivers));
  await writeFile(path.join(tree, 'etc', 'hostname'), 'installed\n');
}

async function installedInitramfs(
  kernel: string,
  busybox: string,
  diskDrivers: readonly string[],
): Promise<Uint8Array> {
  return compressInitramfs(
    cpioNewc([
      ...skeletonEntries(['dev', 'proc', 'sys', 'root']),
      ...(await busyboxEntries(busybox)),
      { type: 'file', path: 'init', mode: 0o755, data: await readFile(path.join(INSTALLED, 'initramfs-init')) },
      ...(await moduleEntries(kernel, [...diskDrivers, 'ext4'], EXT4_CRYPTO)),
    ]),
  );
}

/**
 * Files that a careless copy gets wrong: sizes around the 4096-byte block, empty files, non-ASCII and long names,
 * links, modes, deep folders.
 */
async function comparisonFiles(folder: string, randomMiB: number): Promise<void> {
  const deep = path.join(folder, 'one', 'two', 'three', 'four');
  await mkdir(deep, { recursive: true });
  const write = (name: string, size: number) => writeFile(path.join(folder, name), pseudoRandomBytes(name, size));
  for (const size of [0, 1, 4095, 4096, 4097, 65_536]) await write(`size-${size}`, size);
  await write(largeFileName(randomMiB), randomMiB * MIB);
  await writeFile(path.join(folder, 'Prüfung à la française 日本.txt'), 'a name that is not ASCII\n');
  // 255 bytes is the longest name in ext4.
  await writeFile(path.join(folder, `${'long-name-'.repeat(25)}12345`), 'a name of 255 bytes\n');
  await writeFile(path.join(folder, 'with spaces and (brackets).TXT'), 'CRLF line\r\nLF line\n');
  await writeFile(path.join(deep, 'runs.sh'), '#!/bin/sh\nexit 0\n');
  await chmod(path.join(deep, 'runs.sh'), 0o755);
  await writeFile(path.join(folder, 'read-only'), 'mode 0400\n');
  await chmod(path.join(folder, 'read-only'), 0o400);
  await symlink('one/two/three/four/runs.sh', path.join(folder, 'link'));
  await symlink('nowhere', path.join(folder, 'dangling-link'));
  await mkdir(path.join(folder, 'empty folder'));
}

const largeFileName = (mebibytes: number): string => `pseudo-random-${mebibytes}MiB`;

/**
 * Puts a smaller file in the place of the one large file of the sample image, which was applied to the folder `tree`. Returns the
 * paths of both below `tree`.
 */
export async function replaceLargeFile(
  tree: string,
  mebibytes: number,
): Promise<{ readonly large: string; readonly smaller: string }> {
  const name = largeFileName(mebibytes);
  const [large, smaller] = [
    path.join(COMPARISON_FOLDER, largeFileName(RANDOM_MIB)),
    path.join(COMPARISON_FOLDER, name),
  ];
  await rm(path.join(tree, large));
  await writeFile(path.join(tree, smaller), pseudoRandomBytes(name, mebibytes * MIB));
  for (const place of [smaller, COMPARISON_FOLDER]) await utimes(path.join(tree, place), SAMPLE_TIME_S, SAMPLE_TIME_S);
  return { large, smaller };
}

/** Times and modes that do not depend on the time and umask of this run. */
async function normalise(tree: string): Promise<void> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const place = path.join(entry.parentPath, entry.name);
    const { mode } = await lstat(place);
    if (!entry.isSymbolicLink())
      await chmod(place, entry.isDirectory() || mode & 0o100 ? 0o755 : mode & 0o200 ? 0o644 : 0o400);
    await lutimes(place, SAMPLE_TIME_S, SAMPLE_TIME_S);
  }
  await chmod(tree, 0o755);
  await utimes(tree, SAMPLE_TIME_S, SAMPLE_TIME_S);
}
