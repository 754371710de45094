import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../../../../vm-images/cache-folder.mjs';
import type { ScenarioResult } from '../../../../reports/result.ts';
import type { ClientPlan, Plan } from '../../../plan/plan.ts';
import type { BootNeed } from './packer.ts';

/** The lab's own processes and services: 110 to 190 MiB were measured, most of it Node and Samba. */
const LAB_MIB = 200;
/** QEMU beside the guest's memory; 30 to 60 MiB were measured. */
const QEMU_MIB = 64;
/**
 * Of a core for each processor of a VM: half of the bundled boots with one VM kept 0.75 of one busy under emulation, and none more than 1.2. A
 * boot that wants more for a while finds it in what the host has idle.
 */
const VM_CORES = 0.75;
/** A program that plays a client: half of the bundled boots with one kept 0.25 cores busy, and none more than 0.5. */
const PLAYED: BootNeed = { cores: 0.5, memoryMiB: 80 };
/** Less than that was never measured, and would pack a host with what all starts at the same moment. */
const LEAST_CORES = 0.2;
/** A peak that did not come again is forgotten little by little. */
const MEMORY_DECAY = 0.9;

/** What boots need, as earlier boots of the same scenario, firmware and network card have shown. */
export interface BootNeeds {
  /** As measured, else what is sound to assume. */
  of(plan: Plan): BootNeed;
  /** Takes what a boot has used, for this run and for later ones. */
  learn(plan: Plan, usage: ScenarioResult['usage'], wallMs: number): void;
}

/** What is known in the cache folder, for this accelerator. */
export function bootNeeds(accel: 'kvm' | 'tcg', folder: string = join(cacheFolder(), 'needs')): BootNeeds {
  const known = new Map<string, BootNeed | undefined>();
  const fileOf = (plan: Plan): string => join(folder, `${needKey(plan, accel)}.json`);
  const recall = (plan: Plan): BootNeed | undefined => {
    const file = fileOf(plan);
    if (!known.has(file)) known.set(file, readNeed(file));
    return known.get(file);
  };
  return {
    of: (plan) => recall(plan) ?? assumedNeed(plan),
    learn(plan, usage, wallMs) {
      if (usage === undefined) return;
      const need = learntNeed(recall(plan), measuredNeed(usage, wallMs));
      known.set(fileOf(plan), need);
      writeNeed(fileOf(plan), need);
    },
  };
}

/**
 * What a boot needs whose like was never measured: a part of a core for each processor under emulation, and all of the memory, of those
 * clients that may run at the same moment. One that starts after another begins when that one has ended.
 */
export function assumedNeed({ clients }: Pick<Plan, 'clients'>): BootNeed {
  const atOnce = (client: ClientPlan): BootNeed => most(assumedOf(client), following(client.name));
  const following = (name: string | undefined): BootNeed =>
    clients
      .filter(({ startsAfter }) => startsAfter === name)
      .map((client) => atOnce(client))
      .reduce(sum, { cores: 0, memoryMiB: 0 });
  return sum(following(undefined), { cores: 0, memoryMiB: LAB_MIB });
}

const assumedOf = (client: ClientPlan): BootNeed =>
  client.plays === undefined ? { cores: client.cpus * VM_CORES, memoryMiB: client.memoryMiB + QEMU_MIB } : PLAYED;

const sum = (one: BootNeed, other: BootNeed): BootNeed => ({
  cores: one.cores + other.cores,
  memoryMiB: one.memoryMiB + other.memoryMiB,
});

const most = (one: BootNeed, other: BootNeed): BootNeed => ({
  cores: Math.max(one.cores, other.cores),
  memoryMiB: Math.max(one.memoryMiB, other.memoryMiB),
});

/** What a boot would have needed alone: time in which others had the cores does not count. */
export function measuredNeed(usage: NonNullable<ScenarioResult['usage']>, wallMs: number): BootNeed {
  const alone = Math.max(1, wallMs - usage.waitedForCpuMs, usage.vmCpuMs);
  return { cores: Math.max(LEAST_CORES, usage.cpuMs / alone), memoryMiB: usage.peakMemoryMiB };
}

/** Half of what was known and half of what came now; of memory the larger one. */
export function learntNeed(before: BootNeed | undefined, now: BootNeed): BootNeed {
  if (before === undefined) return now;
  return {
    cores: (before.cores + now.cores) / 2,
    memoryMiB: Math.max(now.memoryMiB, before.memoryMiB * MEMORY_DECAY),
  };
}

function needKey({ id, file, clients }: Plan, accel: string): string {
  const machines = clients.map((client) =>
    client.plays === undefined ? [client.firmware, client.nic, client.memoryMiB, client.cpus] : [client.plays],
  );
  return createHash('sha256')
    .update(JSON.stringify([accel, id, resolve(file), machines]))
    .digest('hex')
    .slice(0, 24);
}

function readNeed(file: string): BootNeed | undefined {
  try {
    const { cores, memoryMiB } = JSON.parse(readFileSync(file, 'utf8')) as Partial<BootNeed>;
    return isPositive(cores) && isPositive(memoryMiB) ? { cores, memoryMiB } : undefined;
  } catch {
    // Not measured yet, or damaged: the next boot measures.
    return undefined;
  }
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** Renamed into place: another run may be reading. A cache that cannot be written only knows less. */
function writeNeed(file: string, need: BootNeed): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(draft, `${JSON.stringify(need)}\n`);
    renameSync(draft, file);
  } catch {
    return;
  }
}
