import type { ScenarioResult } from './result.ts';
import { duration } from './text.ts';

/** From this share of a boot on, the time in which a VM waited for a processor is worth a word. */
const BUSY_SHARE = 1 / 3;

/**
 * What makes a failed boot doubtful: for how long the host stood still, or a VM was ready to run and did not, because other processes had the
 * processors. Undefined where a VM had them when it wanted them.
 */
export function busyHost({
  verdict,
  usage,
  durationMs,
}: Pick<ScenarioResult, 'verdict' | 'usage' | 'durationMs'>): string | undefined {
  if (verdict !== 'failed') return undefined;
  if (usage?.stoodStillMs !== undefined)
    return `the host stood still for ${duration(usage.stoodStillMs)} while its clock went on, so that a silence may be the host’s: run it again`;
  const waitedMs = usage?.waitedForCpuMs ?? 0;
  if (waitedMs < durationMs * BUSY_SHARE) return undefined;
  return `the host was busy: a VM waited ${duration(waitedMs)} of ${duration(durationMs)} for a processor, so that a silence may be the host’s; \`--workers 1\` boots one after another`;
}
