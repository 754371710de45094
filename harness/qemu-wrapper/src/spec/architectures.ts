import type { Accelerator, Firmware } from './vm-spec.ts';

/** What differs between guest architectures. */
export interface Architecture {
  readonly binary: string;
  /**
   * Machine type by firmware: q35 has the SMM that Secure Boot needs, and is what OVMF is tested on; pc is what old PXE
   * ROMs know.
   */
  readonly machineType: Readonly<Record<Firmware['kind'], string>>;
  readonly cpuModel: Readonly<Record<Accelerator, string>>;
}

/** One row a guest architecture. */
export const ARCHITECTURES = {
  x86_64: {
    binary: 'qemu-system-x86_64',
    machineType: { bios: 'pc', uefi: 'q35' },
    cpuModel: { kvm: 'host', tcg: 'max' },
  },
} as const satisfies Record<string, Architecture>;
