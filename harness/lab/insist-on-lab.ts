import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * Refuses to go on unless `program`, the path of the caller, is what the first process of a lab runs (`labCommand`): on
 * the host it would mount over folders that everybody uses.
 */
export async function insistOnLab(program: string): Promise<void> {
  const first = (await readFile('/proc/1/cmdline', 'utf8').catch(() => '')).split('\0');
  if (process.ppid === 1 && basename(first[0] ?? '') === 'tini' && first.includes(program)) return;
  throw new Error(
    `${basename(program)} runs only as the first program of a lab: expected tini with ${program} as process 1, got ${first[0] || 'a process that this user may not look into'}; pxewright run, serve and doctor start it where it belongs`,
  );
}
