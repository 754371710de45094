import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import type { Task } from './task.ts';

/** Where a lab keeps what must not outlive it: `${run}` in a Plan. A tmpfs in the lab's own mount namespace. */
export const RUN_FOLDER = '/run/pxewright';

/**
 * How much of the host's memory the files of one lab may take, as mount(8) takes it for a tmpfs; three quarters unless
 * $PXEWRIGHT_LAB_MEMORY says other.
 */
function memoryLimit(): string {
  const limit = process.env['PXEWRIGHT_LAB_MEMORY'] ?? '75%';
  if (!/^\d+[kmg%]?$/i.test(limit))
    throw new Error(`PXEWRIGHT_LAB_MEMORY: expected a size such as 512M, 4G or 75%, got "${limit}"`);
  return limit;
}

/**
 * A tmpfs over /run, private to the lab: named network namespaces, sockets, trees, disks. The kernel frees it with the
 * namespace, so nothing is left even after SIGKILL, and no state of the host's daemons in /run can be touched.
 */
export function privateFilesTask(): Task {
  return {
    title: 'private /run',
    async setup() {
      await execa('mount', ['-t', 'tmpfs', '-o', `mode=0755,size=${memoryLimit()}`, 'pxewright', '/run']);
      await Promise.all([mkdir(RUN_FOLDER, { recursive: true }), mkdir('/run/netns', { recursive: true })]);
    },
  };
}

/** Replaces `${run}` in every string of a JSON value. */
export function resolveRunFolder<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('${run}', RUN_FOLDER) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => resolveRunFolder(item)) as T;
  if (value && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolveRunFolder(item as unknown)]),
    ) as T;
  return value;
}
