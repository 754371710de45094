import { availableParallelism, totalmem } from 'node:os';
import type { Result } from '../../reports/result.ts';

/** The host part of a Result. */
export function hostFacts(
  accel: { readonly accel: Result['host']['accel']; readonly reason: string },
  versions: Record<string, string>,
): Result['host'] {
  return {
    accel: accel.accel,
    accelReason: accel.reason,
    cpus: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    versions,
  };
}
