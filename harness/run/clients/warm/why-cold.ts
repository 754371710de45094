import type { VmSpec } from '#qemu-wrapper';
import type { VmPlan } from '../../../plan/plan.ts';

/** What decides whether a client may be started from a saved state. */
export interface ColdFacts {
  readonly client: Pick<VmPlan, 'bootOrder' | 'diskOf'>;
  readonly spec: Pick<VmSpec, 'accelerator' | 'clock' | 'tpm'>;
  /** `--cold` */
  readonly asked: boolean;
}

/** Why this client starts at its first instruction; undefined when it may be restored as it was before its first frame. */
export function whyCold({ client, spec, asked }: ColdFacts): string | undefined {
  if (asked) return '--cold';
  if (spec.accelerator === 'kvm') return 'a state is saved under emulation only; KVM starts fast enough';
  if (spec.tpm === true) return 'a TPM is a program of its own, whose state is not in that of the VM';
  // QEMU gives the clock's base by a date, which is another one on every start.
  if (spec.clock !== undefined) return 'its clock is not that of the host';
  if (client.diskOf !== undefined) return 'its disk is not empty, and its firmware may have read it';
  const [first] = client.bootOrder.toSorted((a, b) => a.bootindex - b.bootindex);
  return first?.device === 'network' ? undefined : 'it does not boot from the network first';
}
