import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { qemuVersion } from '../installation.ts';
import { object } from '../qmp/messages.ts';
import type { Accelerator } from '../spec/vm-spec.ts';
import { runCanary, type CanaryResult } from './canary.ts';
import { hostKey, kvmDeviceProblem } from './host-key.ts';

export interface AcceleratorDecision {
  readonly accel: Accelerator;
  /** Why this one, in a sentence for the report. */
  readonly reason: string;
  /** How long the canary took, or took to die; absent when none ran. */
  readonly measuredMs?: number;
  /** The canary ran earlier in the life of this host. */
  readonly cached: boolean;
}

export interface DecideOptions {
  readonly want: 'auto' | Accelerator;
  /** Where answers are kept, one file a host. */
  readonly cacheFolder: string;
  /**
   * Longest time for the canary's boot, about 7 s under TCG: iPXE waits 2 s for a key and 2 s for a proxyDHCP offer.
   */
  readonly deadlineMs: number;
  /** The cpu model that the VMs will have, because that may decide. Default: as for VMs. */
  readonly cpuModel?: string;
  /**
   * How the canary is run: `runCanary` in a place of the caller's choice, such as a process that ends with its own.
   * Default: here.
   */
  readonly canary?: (
    accelerator: Accelerator,
    options: { readonly deadlineMs: number; readonly cpuModel?: string | undefined },
  ) => Promise<CanaryResult>;
  /** Ask the canary again although an answer is known. */
  readonly ignoreCache?: boolean;
}

/** KVM was demanded and is not usable. */
export class AcceleratorError extends Error {
  override readonly name = 'AcceleratorError';
  readonly code = 'ACCELERATOR';
  readonly reason: string;

  constructor(reason: string) {
    super(
      `kvm was asked for and is not usable here: ${reason}; what helps: run on a host with hardware virtualisation, or ask for "auto" or "tcg"`,
    );
    this.reason = reason;
  }
}

/**
 * Decides how VMs are to run by booting one, not by opening a device; the answer is kept for the life of the host.
 */
export async function decideAccelerator({
  want,
  cacheFolder,
  deadlineMs,
  cpuModel,
  ignoreCache = false,
  canary = runCanary,
}: DecideOptions): Promise<AcceleratorDecision> {
  if (want === 'tcg') return { accel: 'tcg', reason: 'tcg was asked for', cached: false };
  const deviceProblem = await kvmDeviceProblem();
  if (deviceProblem !== undefined) return without(want, { reason: deviceProblem, cached: false });
  const file = path.join(cacheFolder, `kvm-canary-${await hostKey(await qemuVersion(), cpuModel)}.json`);
  const known = ignoreCache ? undefined : await recall(file);
  const answer = known ?? (await canary('kvm', { deadlineMs, cpuModel }));
  if (known === undefined) await remember(file, answer);
  const { alive, reason, measuredMs } = answer;
  const facts = { reason: alive ? `kvm: ${reason}` : reason, measuredMs, cached: known !== undefined };
  return alive ? { accel: 'kvm', ...facts } : without(want, facts);
}

function without(want: 'auto' | 'kvm', facts: Omit<AcceleratorDecision, 'accel'>): AcceleratorDecision {
  if (want === 'kvm') throw new AcceleratorError(facts.reason);
  return { accel: 'tcg', ...facts, reason: `kvm is not usable: ${facts.reason}` };
}

async function recall(file: string): Promise<CanaryResult | undefined> {
  try {
    const { alive, reason, measuredMs } = object(JSON.parse(await readFile(file, 'utf8'))) ?? {};
    return typeof alive === 'boolean' && typeof reason === 'string' && typeof measuredMs === 'number'
      ? { alive, reason, measuredMs }
      : undefined;
  } catch {
    // No answer yet, or a damaged one: the canary knows.
    return undefined;
  }
}

/** Renamed into place, because another process may be reading. */
async function remember(file: string, answer: CanaryResult): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(answer)}\n`);
  await rename(draft, file);
}
