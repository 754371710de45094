import type { StepDraft } from '../../protocols/base/judge/step.ts';
import type { CauseName } from '../../protocols/words.ts';
import type { JudgedClient } from '../judge-types.ts';

// Firmware that has too little memory says nothing of it on the wire. How far it comes depends on how much it lacks: OVMF with
// Secure Boot and 48 MiB never asks for an address; with 56 it gets one, asks for the size of the boot file, and goes on with its
// next boot entry; with 64 it loads the file whole and does not start it; with 72 it boots (shim, measured under QEMU 10.0).

/** What a client without enough memory comes to: silence, and what is not done. What a server says has its own cause. */
const UNDONE: readonly CauseName[] = [
  'firmware-silent',
  'offer-ignored',
  'boot-file-never-asked-for',
  'transfer-stalled',
  'boot-program-not-started',
  'guest-no-network',
  'vm-ended-early',
  'budget-exceeded',
  'boot-stuck',
  'timeout',
];

/**
 * A failed step with the client's memory as its cause, where it has less than its firmware needs to boot and that explains the
 * step. `before`: the steps before it.
 */
export function blamedOnMemory(
  step: StepDraft,
  { memoryMiB, neededMemoryMiB, firmware }: Pick<JudgedClient, 'memoryMiB' | 'neededMemoryMiB' | 'firmware'>,
  before: readonly StepDraft[],
): StepDraft {
  if (memoryMiB === undefined || neededMemoryMiB === undefined || step.verdict !== 'failed') return step;
  if (!UNDONE.some((cause) => cause === step.cause) && !isNextEntry(step, before)) return step;
  const { why: _why, ...rest } = step;
  return {
    ...rest,
    actual: `${step.actual ?? 'nothing'}; the client has ${memoryMiB} MiB of memory, and firmware ${firmware} needs ${neededMemoryMiB} MiB`,
    cause: 'too-little-memory',
  };
}

/** Nobody answers on the next way to boot, and the client had its address on the one before. */
function isNextEntry({ cause }: StepDraft, before: readonly StepDraft[]): boolean {
  return cause === 'dhcpv6-silent' && before.some(({ step, verdict }) => step === 'dhcp.ack' && verdict === 'passed');
}
