/** A CPU that QEMU emulates. */
export type Cpu = 'x86_64' | 'aarch64';

/** One firmware: the machine that it is made for, its files, and what it needs to boot. */
interface FirmwareRow {
  /** What it is, in a few words for documentation and messages. */
  readonly what: string;
  readonly cpu: Cpu;
  readonly binary: string;
  /** Machine types that it runs on, its default first. */
  readonly machineTypes: readonly [MachineType, ...MachineType[]];
  /** A firmware in two flash chips, of code and of variables; absent for the one that QEMU brings with the machine. */
  readonly flash?: {
    readonly code: string;
    /** A store of variables, copied for every start, so that no boot order outlives an attempt. */
    readonly variables: string;
  };
  /** Only code in SMM may write the variables, so that no guest switches Secure Boot off. */
  readonly secureBoot?: true;
  /** What it must be told to boot at once; absent for one that does so unasked. */
  readonly bootWaitMs?: number;
  /** Boots from disks of blocks of 4096 bytes, too. */
  readonly boots4Kn: boolean;
  readonly bootsFromSata: boolean;
  /**
   * Least memory with which it loads and starts a boot program of 0.3 to 1 MB from the network, in MiB: measured on its
   * default machine with virtio-net-pci, where 1 MiB (BIOS) or 8 MiB less does not suffice.
   */
  readonly leastMemoryMiB: number;
  /** Debian's packages of its files and its QEMU; where that is QEMU for x86, which everything needs, of its files. */
  readonly packages: readonly string[];
}

export const MACHINE_TYPES = ['pc', 'q35', 'virt'] as const;
export type MachineType = (typeof MACHINE_TYPES)[number];

/**
 * Every firmware that VMs have. pc is what old PXE ROMs know; q35 has the SMM that Secure Boot needs, and is what
 * OVMF is tested on. Paths are Debian's and Ubuntu's.
 */
export const FIRMWARES = {
  bios: {
    what: 'SeaBIOS, and the PXE stack in the ROM of the network card',
    cpu: 'x86_64',
    binary: 'qemu-system-x86_64',
    machineTypes: ['pc', 'q35'],
    // virtio-blk.c, nvme.c and blockcmd.c of SeaBIOS pass over a disk whose blocks have another size than 512.
    boots4Kn: false,
    bootsFromSata: true,
    leastMemoryMiB: 3,
    packages: [],
  },
  uefi: {
    what: 'OVMF and its own PXE stack',
    cpu: 'x86_64',
    binary: 'qemu-system-x86_64',
    machineTypes: ['q35', 'pc'],
    flash: { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
    boots4Kn: true,
    bootsFromSata: true,
    leastMemoryMiB: 40,
    packages: ['ovmf'],
  },
  'uefi-secure-boot': {
    what: "OVMF with Secure Boot switched on and Microsoft's keys enrolled",
    cpu: 'x86_64',
    binary: 'qemu-system-x86_64',
    machineTypes: ['q35'],
    flash: { code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
    secureBoot: true,
    boots4Kn: true,
    bootsFromSata: true,
    leastMemoryMiB: 72,
    packages: ['ovmf'],
  },
  'uefi-arm64': {
    what: 'AAVMF, which is EDK2 for 64-bit Arm, and its own PXE stack',
    cpu: 'aarch64',
    binary: 'qemu-system-aarch64',
    machineTypes: ['virt'],
    flash: { code: '/usr/share/AAVMF/AAVMF_CODE.fd', variables: '/usr/share/AAVMF/AAVMF_VARS.fd' },
    // Waits for a key by itself, its network stack at work: DISCOVER came 3.8 to 4.3 s after its first frame, and is the
    // first frame with 0 (OvmfPkg QemuBootOrderLib, GetFrontPageTimeoutFromQemu).
    bootWaitMs: 0,
    boots4Kn: true,
    // AAVMF is built without EDK2's SataController and AtaAtapiPassThruDxe.
    bootsFromSata: false,
    leastMemoryMiB: 128,
    packages: ['qemu-system-arm', 'qemu-efi-aarch64'],
  },
} as const satisfies Record<string, FirmwareRow>;

export type Firmware = keyof typeof FIRMWARES;
export const FIRMWARE_NAMES = Object.keys(FIRMWARES) as readonly Firmware[];

/** The row of a firmware, with what only some rows have. */
export function firmwareRow(firmware: Firmware): FirmwareRow {
  return FIRMWARES[firmware];
}
