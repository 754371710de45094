/** What a boot takes of its host while it runs. */
export interface BootNeed {
  /** Cores that it keeps busy on average when nobody else wants them. */
  readonly cores: number;
  /** At its peak. */
  readonly memoryMiB: number;
}

/** How much may run at once: by a number that somebody gave, or by what boots need of the host. */
export type HostRoom =
  | { readonly kind: 'workers'; readonly workers: number }
  | {
      readonly kind: 'measured';
      readonly cores: number;
      readonly memoryMiB: number;
      /**
       * Cores that nobody wants, as measured on the host; undefined where that is not known. What boots need is an average over
       * their time, and does not know of other work on the host, such as another run.
       */
      readonly idleCores?: number | undefined;
    };

export interface WaitingBoot {
  readonly id: string;
  readonly need: BootNeed;
  /** How many that came after it have begun before it. */
  readonly overtaken: number;
}

/** Why a boot does not begin yet. `what` stays the same while the reason does; `text` has the figures of the moment. */
export interface WaitReason {
  readonly what: 'workers' | 'cores' | 'memory' | 'turn';
  readonly text: string;
}

export interface Packing {
  /** Boots that begin now, in this order. */
  readonly begin: readonly string[];
  /** The others, in their order. */
  readonly wait: readonly { readonly id: string; readonly why: WaitReason }[];
}

/**
 * How far boots together may want more cores than there are. A boot wants now more and now less than its average, so that
 * a sum of exactly all cores leaves some idle. With this figure the bundled matrix takes 1.08 to 1.19 times the CPU time of its
 * boots divided by the cores.
 */
const CORES_OVERCOMMIT = 1.25;
/** Less than this share of the cores idle is none: another boot would only slow down those that run. */
const LEAST_IDLE = 0.1;
/** A boot that is too large for the room that is left lets so many smaller ones pass; then it is its turn. */
const MAX_OVERTAKEN = 8;

/**
 * Which of the waiting boots begin now. First come, first served; where the first finds no room, smaller ones behind it
 * may begin, but not for ever. A boot that is larger than the host runs alone.
 */
export function pack(room: HostRoom, running: readonly BootNeed[], waiting: readonly WaitingBoot[]): Packing {
  const now = [...running];
  const begin: string[] = [];
  const wait: { id: string; why: WaitReason }[] = [];
  let left = room;
  let overtaken: string | undefined;
  for (const boot of waiting) {
    const why = overtaken === undefined ? obstacle(left, now, boot.need) : turnOf(overtaken);
    if (why === undefined) {
      begin.push(boot.id);
      now.push(boot.need);
      left = without(left, [boot.need]);
      continue;
    }
    wait.push({ id: boot.id, why });
    // Those that begin in this very round pass it, too.
    if (boot.overtaken >= MAX_OVERTAKEN) overtaken ??= boot.id;
  }
  return { begin, wait };
}

/** A room in which these boots have begun, which the measured figure does not show yet. */
export function without(room: HostRoom, begun: readonly BootNeed[]): HostRoom {
  if (room.kind === 'workers' || room.idleCores === undefined) return room;
  return { ...room, idleCores: room.idleCores - sum(begun.map((one) => one.cores)) };
}

const turnOf = (id: string): WaitReason => ({
  what: 'turn',
  text: `${id} has let ${MAX_OVERTAKEN} others pass and is next`,
});

function obstacle(room: HostRoom, running: readonly BootNeed[], need: BootNeed): WaitReason | undefined {
  if (running.length === 0) return undefined;
  if (room.kind === 'workers')
    return running.length < room.workers ? undefined : { what: 'workers', text: `--workers ${room.workers}` };
  const memoryMiB = sum(running.map((one) => one.memoryMiB));
  if (memoryMiB + need.memoryMiB > room.memoryMiB)
    return {
      what: 'memory',
      text: `it needs ${Math.ceil(need.memoryMiB)} MiB, and running boots have ${Math.ceil(memoryMiB)} of ${Math.floor(room.memoryMiB)} MiB`,
    };
  const cores = sum(running.map((one) => one.cores));
  if (cores >= room.cores || cores + need.cores > room.cores * CORES_OVERCOMMIT)
    return {
      what: 'cores',
      text: `it keeps ${need.cores.toFixed(1)} cores busy, and running boots ${cores.toFixed(1)} of ${room.cores}`,
    };
  return isIdle(room, need)
    ? undefined
    : {
        what: 'cores',
        text: `it keeps ${need.cores.toFixed(1)} cores busy, and ${Math.max(0, room.idleCores ?? 0).toFixed(1)} of ${room.cores} are idle on this host`,
      };
}

/** Whether a host has idle cores for a boot, as far as that was measured. */
function isIdle(
  { cores, idleCores }: { readonly cores: number; readonly idleCores?: number | undefined },
  need: BootNeed,
): boolean {
  if (idleCores === undefined) return true;
  return idleCores >= cores * LEAST_IDLE && need.cores <= idleCores + cores * (CORES_OVERCOMMIT - 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
