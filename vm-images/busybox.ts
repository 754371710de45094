import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import type { CpioEntry } from './cpio.ts';

/** The host's static busybox. */
export const BUSYBOX = '/bin/busybox';

/**
 * Initramfs entries for a static busybox, under the names of all programs of the host's. `file`: the host's, or one for another
 * architecture, which cannot say its names here; Debian builds both alike.
 */
export async function busyboxEntries(file: string = BUSYBOX): Promise<CpioEntry[]> {
  const { stdout } = await execa(BUSYBOX, ['--list-full']);
  return [
    { type: 'file', path: 'bin/busybox', mode: 0o755, data: await readFile(file) },
    // Debian's build lists itself and linuxrc at the root; neither must become a link.
    ...stdout
      .split('\n')
      .filter((name) => name.includes('/') && name !== 'bin/busybox')
      .sort()
      .map((name): CpioEntry => ({ type: 'link', path: name, mode: 0o777, target: BUSYBOX })),
  ];
}

/** Empty folders and the console that the kernel opens for its first process. */
export function skeletonEntries(folders: readonly string[]): CpioEntry[] {
  return [
    ...folders.map((path): CpioEntry => ({ type: 'folder', path, mode: 0o755 })),
    { type: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  ];
}
