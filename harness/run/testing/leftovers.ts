import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';
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
    interfaces: links.stdout
      .split('\n')
      .map((line) => line.split(': ')[1] ?? line)
      .sort(),
    namedNamespaces: namespaces.sort(),
    mounts: mounts.trim().split('\n').sort(),
  };
}

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
  /** Its pid namespace, as /proc names it. */
  readonly pidNamespace: string;
}

/**
 * An environment variable that everything started by one pxewright inherits, and what has it. Who writes its own title,
 * as Samba's daemons do, writes over its environment: such a process is known by its pid namespace, in which a marked
 * one was seen.
 */
export class Mark {
  readonly env: Readonly<Record<string, string>>;
  readonly #text: string;
  /** Held open: the kernel would give the number of a namespace that is gone to the next one. */
  readonly #namespaces = new Map<string, FileHandle>();

  constructor() {
    const value = randomUUID();
    this.env = { PXEWRIGHT_TEST_MARK: value };
    this.#text = `PXEWRIGHT_TEST_MARK=${value}`;
  }

  /** Processes anywhere on this host with this mark. A zombie holds nothing and does not count. */
  async processes(): Promise<MarkedProcess[]> {
    const all = await allProcesses();
    const marked = all.filter(({ environment }) => environment.includes(this.#text));
    await Promise.all(marked.map((process) => this.#hold(process)));
    return all.filter((process) => marked.includes(process) || this.#namespaces.has(process.pidNamespace));
  }

  async #hold({ pid, pidNamespace }: MarkedProcess): Promise<void> {
    if (this.#namespaces.has(pidNamespace) || pidNamespace === (await readlink('/proc/self/ns/pid'))) return;
    const handle = await open(`/proc/${pid}/ns/pid`).catch(() => undefined);
    if (handle === undefined) return;
    // Two processes of one namespace may come here at once.
    if (this.#namespaces.has(pidNamespace)) await handle.close();
    else this.#namespaces.set(pidNamespace, handle);
  }

  /** The first marked process whose command line matches; waits until there is one or the time is over. */
  async process(command: RegExp, deadlineMs = 60_000): Promise<MarkedProcess> {
    const untilMs = performance.now() + deadlineMs;
    for (;;) {
      const processes = await this.processes();
      const found = processes.find((one) => command.test(one.command));
      if (found) return found;
      if (performance.now() > untilMs)
        throw new Error(
          `expected a process like ${String(command)} within ${deadlineMs} ms, found: ${processes.map((one) => one.command).join('; ') || 'none'}`,
        );
      await later(20);
    }
  }

  /**
   * Marked processes that are still there after the time that the kernel may need to take a lab down. The last question
   * to a mark: it lets go of what it held.
   */
  async left(withinMs = 5000): Promise<string[]> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const processes = await this.processes();
      if (processes.length === 0 || performance.now() > untilMs) {
        await Promise.all(this.#namespaces.values().map((handle) => handle.close()));
        this.#namespaces.clear();
        return processes.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`);
      }
      await later(50);
    }
  }
}

/** A process with its environment as it was started. */
interface LookedAt extends MarkedProcess {
  readonly environment: string;
}

/** Every process that this user may look into. */
export async function allProcesses(): Promise<LookedAt[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        const [environment, commandLine, pidNamespace] = await Promise.all([
          readFile(`/proc/${pid}/environ`, 'latin1'),
          readFile(`/proc/${pid}/cmdline`, 'latin1'),
          readlink(`/proc/${pid}/ns/pid`),
        ]);
        const command = commandLine.replaceAll('\0', ' ').trim();
        return command === '' ? [] : [{ pid: Number(pid), command, environment, pidNamespace }];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}
