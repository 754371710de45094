import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** What a lab could leave on the host, seen from outside of it. Sorted texts, so that two of them can be compared. */
export interface HostState {
  readonly interfaces: readonly string[];
  readonly namedNamespaces: readonly string[];
  readonly mounts: readonly string[];
}

/** Interfaces, named network namespaces and mounts of this mount and network namespace. */
export async function hostState(): Promise<HostState> {
  const [links, mounts, namespaces] = await Promise.all([
    execa('ip', ['-o', 'link']),
    readFile('/proc/self/mounts', 'utf8'),
    readdir('/run/netns').catch(() => []),
  ]);
  return {
    interfaces: links.stdout.split('\n').map((line) => line.split(': ')[1] ?? line).sort(),
    namedNamespaces: namespaces.sort(),
    mounts: mounts.trim().split('\n').sort(),
  };
}

/** Processes anywhere on this machine whose environment holds `mark`: everything that a marked pxewright has started. */
export async function markedProcesses(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const marked = await Promise.all(pids.map(async (pid) => {
    try {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
      if (!environment.includes(mark)) return [];
      const command = (await readFile(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' ').trim();
      // A zombie has no command line any more: it holds nothing, and its parent will collect it.
      return command === '' ? [] : [`${pid} ${command.slice(0, 120)}`];
    } catch {
      return [];
    }
  }));
  return marked.flat();
}
