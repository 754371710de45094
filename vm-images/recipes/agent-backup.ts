import { readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { BundleError } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import type { CpioEntry } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';

const NAME = 'agent-backup';

const PROGRAMS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    '/usr/bin/restic',
    '/usr/sbin/partclone.extfs',
    '/usr/sbin/partclone.ntfs',
    '/usr/sbin/partclone.fat',
    '/usr/sbin/partclone.restore',
    '/usr/sbin/sfdisk',
    // A file system that was restored to a larger disk grows with it.
    '/usr/sbin/e2fsck',
    '/usr/sbin/resize2fs',
    '/usr/sbin/ntfsresize',
  ].map((program) => [path.relative('/', program), program]),
);

/**
 * What a boot image needs to save and restore disks, as an initramfs that is loaded after the agent's: restic,
 * partclone, and what divides disks and resizes file systems.
 */
export const agentBackupRecipe: Recipe = {
  name: NAME,
  what: "initramfs beside the agent's: restic, partclone and sfdisk for backup and restore of disks",
  needs: [],
  sources: ['recipes/agent-backup.ts', 'cpio.ts', 'libraries.ts', 'initramfs-compression.ts'],
  packages: ['restic', 'partclone', 'fdisk', 'e2fsprogs', 'ntfs-3g', 'libgcc-s1', 'zstd'],
  build,
};

async function build({ folder, progress }: BuildContext): Promise<void> {
  const programs = await programEntries(PROGRAMS);
  const archive = cpioNewc([...programs, await threadExitLibrary(programs)]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'backup.img'), await compressInitramfs(archive));
}

/**
 * glibc opens this library when a thread ends by pthread_exit, so ldd(1) does not name it. Without it partclone writes a
 * whole stream and then aborts: "libgcc_s.so.1 must be installed for pthread_exit to work".
 */
async function threadExitLibrary(programs: readonly CpioEntry[]): Promise<CpioEntry> {
  const libc = programs.find((entry) => path.basename(entry.path) === 'libc.so.6');
  if (libc === undefined)
    throw new BundleError(NAME, 'expected libc.so.6 among the libraries of partclone, found none');
  const target = path.join(path.dirname(libc.path), 'libgcc_s.so.1');
  return { type: 'file', path: target, mode: 0o755, data: await readFile(await realpath(path.join('/', target))) };
}
