import { execa } from 'execa';
import {
  chmod,
  copyFile,
  lstat,
  lutimes,
  mkdir,
  readFile,
  readdir,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { BUNDLED_IMAGES } from '../bundled-images.ts';
import { busyboxEntries, skeletonEntries } from '../busybox.ts';
import { cpioNewc } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { moduleEntries } from '../kernel-bundle.ts';
import { pseudoRandomBytes } from '../pseudo-random.ts';
import { makeReproducible } from '../wim-reproducible.ts';
import { DISK_DRIVERS, EXT4_CRYPTO } from './agent.ts';

const INSTALLED = path.join(import.meta.dirname, '..', 'installed');
// PROCESSOR_ARCHITECTURE_AMD64, the value for x64 in a WIM's XML.
const X64 = '9';
const MIB = 1024 * 1024;
/**
 * Every file's time in the image, so that the same inputs give the same WIM: 2012-06-01, from the years of the systems
 * that it stands in for.
 */
export const SAMPLE_TIME_S = Date.UTC(2012, 5, 1) / 1000;

/** A WIM with a small Linux to install: the stand-in for WDS's install images. */
export const imagesLinuxSampleRecipe: Recipe = {
  name: 'images/linux-sample',
  what: 'Images/Linux/sample.wim, a small installable Linux',
  needs: ['kernel'],
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
  build,
};

async function build({ folder, scratch, inputs, progress }: BuildContext): Promise<void> {
  const tree = path.join(scratch, 'tree');
  await systemFiles(tree, inputs.get('kernel')?.folder ?? '');
  await comparisonFiles(path.join(tree, 'srv', 'comparison'));
  await normalise(tree);
  const wim = path.join(folder, 'Images', 'Linux', 'sample.wim');
  await mkdir(path.dirname(wim), { recursive: true });
  progress('capturing the tree into a WIM');
  // No compression: the kernel and the pseudo-random file do not compress, and a guest without acceleration
  // decompresses XPRESS at a few MB/s.
  await execa('wimlib-imagex', [
    'capture',
    tree,
    wim,
    BUNDLED_IMAGES['Images\\Linux\\sample.wim'],
    'Small Linux that says that it is up',
    `--image-property=WINDOWS/ARCH=${X64}`,
    '--compress=none',
    '--check',
    '--unix-data',
    '--threads=1',
    '--quiet',
  ]);
  await makeReproducible(wim);
}

async function systemFiles(tree: string, kernel: string): Promise<void> {
  for (const place of ['bin', 'sbin', 'boot/grub', 'dev', 'proc', 'sys', 'etc', 'srv'])
    await mkdir(path.join(tree, place), { recursive: true });
  await copyFile('/bin/busybox', path.join(tree, 'bin', 'busybox'));
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
  await copyFile(path.join(INSTALLED, 'extlinux.conf'), path.join(tree, 'boot', 'extlinux.conf'));
  await copyFile(path.join(INSTALLED, 'grub.cfg'), path.join(tree, 'boot', 'grub', 'grub.cfg'));
  await copyFile(path.join(kernel, 'vmlinuz'), path.join(tree, 'boot', 'vmlinuz'));
  await writeFile(path.join(tree, 'boot', 'initramfs'), await installedInitramfs(kernel));
  await writeFile(path.join(tree, 'etc', 'hostname'), 'installed\n');
}

async function installedInitramfs(kernel: string): Promise<Uint8Array> {
  return compressInitramfs(
    cpioNewc([
      ...skeletonEntries(['dev', 'proc', 'sys', 'root']),
      ...(await busyboxEntries()),
      { type: 'file', path: 'init', mode: 0o755, data: await readFile(path.join(INSTALLED, 'initramfs-init')) },
      ...(await moduleEntries(kernel, [...DISK_DRIVERS, 'ext4'], EXT4_CRYPTO)),
    ]),
  );
}

/**
 * Files that a careless copy gets wrong: sizes around the 4096-byte block, empty files, non-ASCII and long names,
 * links, modes, deep folders.
 */
async function comparisonFiles(folder: string): Promise<void> {
  const deep = path.join(folder, 'one', 'two', 'three', 'four');
  await mkdir(deep, { recursive: true });
  const write = (name: string, size: number) => writeFile(path.join(folder, name), pseudoRandomBytes(name, size));
  for (const size of [0, 1, 4095, 4096, 4097, 65_536]) await write(`size-${size}`, size);
  await write('pseudo-random-32MiB', 32 * MIB);
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
