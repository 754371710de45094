import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import type { ScenarioResult } from '../../../reports/result.ts';

export type LabUsage = NonNullable<ScenarioResult['usage']>;

/** Seldom enough to cost nothing beside a VM: a look takes about a millisecond. */
const LOOK_MS = 1000;
/** Ticks of a second in /proc/PID/stat: USER_HZ, which is 100 on every architecture that QEMU and Node run on. */
const TICKS_PER_SECOND = 100;

/** Follows what a lab uses of its host, as its first process sees it: /proc shows the lab's processes and no other. */
export interface UsageMeter {
  /** Looks now: before a VM ends, when it can still be seen, and after, when this process has waited for it. */
  look(): void;
  /** Looks for the last time. */
  stop(): LabUsage;
}

/** `folder`: where the lab's files lie in memory. */
export function meterUsage(folder: string): UsageMeter {
  const vms = new Map<number, { cpuMs: number; waitedMs: number }>();
  let endedMs = 0;
  let longestWaitMs = 0;
  let cpuMs = 0;
  let reapedMs = 0;
  let peakMemory = 0;
  const look = (): void => {
    const processes = readdirSync('/proc').flatMap((name) => readProcess(name) ?? []);
    // Of those that ended: their parents, or tini, have waited for them, and have their time.
    cpuMs = processes.reduce((sum, one) => sum + one.ownMs + one.childrenMs, 0);
    const memory = processes.reduce((sum, one) => sum + one.memoryBytes, 0) + bytesUsed(folder);
    peakMemory = Math.max(peakMemory, memory);
    const reapedBeforeMs = reapedMs;
    reapedMs = processes.find(({ pid }) => pid === process.pid)?.childrenMs ?? reapedMs;
    const here = new Set(processes.map(({ pid }) => pid));
    const gone = [...vms].filter(([pid]) => !here.has(pid));
    endedMs += timeOfEnded(
      gone.map(([, seen]) => seen.cpuMs),
      reapedMs - reapedBeforeMs,
    );
    for (const [pid, seen] of gone) {
      longestWaitMs = Math.max(longestWaitMs, seen.waitedMs);
      vms.delete(pid);
    }
    for (const { pid, isVm, ownMs, waitedMs } of processes) if (isVm) vms.set(pid, { cpuMs: ownMs, waitedMs });
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    look,
    stop() {
      clearInterval(timer);
      look();
      const values = [...vms.values()];
      return {
        cpuMs: Math.round(cpuMs),
        vmCpuMs: Math.round(values.reduce((sum, one) => sum + one.cpuMs, endedMs)),
        waitedForCpuMs: Math.round(Math.max(longestWaitMs, ...values.map((one) => one.waitedMs))),
        peakMemoryMiB: Math.ceil(peakMemory / 2 ** 20),
      };
    },
  };
}

/**
 * CPU time of VMs that have ended since the last look, from what each had used by then. A VM uses more while it ends, some
 * 60 ms to give its memory back, and only the time of all children that this process has waited for has that.
 */
function timeOfEnded(seenMs: readonly number[], reapedMs: number): number {
  if (seenMs.length === 0) return 0;
  return Math.max(
    reapedMs,
    seenMs.reduce((sum, one) => sum + one, 0),
  );
}

interface ProcessUsage {
  readonly pid: number;
  readonly isVm: boolean;
  readonly ownMs: number;
  /** Of children that it has waited for, and theirs. */
  readonly childrenMs: number;
  /** Ready to run, and another one ran. */
  readonly waitedMs: number;
  readonly memoryBytes: number;
}

/** undefined for what is no process, or has ended meanwhile. */
function readProcess(name: string): ProcessUsage | undefined {
  if (!/^\d+$/.test(name)) return undefined;
  try {
    const { command, ownMs, childrenMs } = parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'));
    const isVm = command.startsWith('qemu-system');
    return {
      pid: Number(name),
      isVm,
      ownMs,
      childrenMs,
      waitedMs: isVm ? waitedMs(`/proc/${name}/task`) : 0,
      memoryBytes: privateBytes(readFileSync(`/proc/${name}/status`, 'utf8')),
    };
  } catch {
    return undefined;
  }
}

/** proc_pid_stat(5): the command's name stands in brackets and may hold any; times are fields 14 to 17. */
export function parseStat(stat: string): {
  readonly command: string;
  readonly ownMs: number;
  readonly childrenMs: number;
} {
  const nameEnd = stat.lastIndexOf(')');
  // The rest begins with field 3.
  const fields = stat.slice(nameEnd + 2).split(' ');
  const ms = (field: number): number => (Number(fields[field - 3]) * 1000) / TICKS_PER_SECOND;
  return {
    command: stat.slice(stat.indexOf('(') + 1, nameEnd),
    ownMs: ms(14) + ms(15),
    childrenMs: ms(16) + ms(17),
  };
}

/** proc_pid_status(5): what no other process shares. Memory of files can be read again. */
export function privateBytes(status: string): number {
  return [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)].reduce((sum, [, kb]) => sum + Number(kb) * 1024, 0);
}

/**
 * Of the thread that waited longest, which is a virtual processor's. The second figure of a thread's schedstat is
 * nanoseconds on a run queue; some kernels have none.
 */
function waitedMs(tasks: string): number {
  const waited = readdirSync(tasks).map((task) => {
    try {
      return Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[1] ?? 0) / 1e6;
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...waited);
}

function bytesUsed(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}
