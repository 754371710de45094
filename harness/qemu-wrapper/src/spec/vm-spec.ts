import type { Firmware, MachineType } from './firmwares.ts';
import type { NicModel } from './nic-models.ts';

/** The other end of a NIC's cable. */
export type NetDevice =
  /** A tap interface that exists already. */
  | { readonly kind: 'tap'; readonly interface: string }
  /** None: a card whose cable is not plugged in. */
  | { readonly kind: 'unplugged' }
  /** One UDP datagram per frame. */
  | { readonly kind: 'dgram'; readonly local: UdpEndpoint; readonly remote: UdpEndpoint }
  /** QEMU's own network with a DHCP and a TFTP server inside, cut off from every other network: for smoke tests. */
  | { readonly kind: 'user'; readonly tftpFolder?: string; readonly bootFile?: string };

export interface UdpEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface NicSpec {
  readonly model: NicModel;
  /** Lowercase with colons. */
  readonly mac: string;
  readonly netDevice: NetDevice;
  /** Place in the boot order, 0 first; absent for a NIC that is not to be booted from. */
  readonly bootIndex?: number;
  /**
   * Option ROM file; '' for none. Default: the one that this firmware needs to boot from the model (`PXE_NICS`), if
   * any. Under uefi it is only a driver: the firmware's own PXE stack runs on it.
   */
  readonly romFile?: string;
}

export interface DiskSpec {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
  readonly interface: DiskInterface;
  /** Bytes in a block, logical and physical. Default 512; 4096 is 4Kn. */
  readonly blockSize?: 512 | 4096;
  readonly bootIndex?: number;
  readonly readOnly?: boolean;
}

/** `ide` is the machine's own controller: IDE on a pc, AHCI on q35. `sata` is AHCI on every machine. */
export type DiskInterface = 'virtio' | 'ide' | 'sata' | 'nvme' | 'usb';

export type Accelerator = 'kvm' | 'tcg';

/** Everything about a VM that a user could have chosen. */
export interface VmSpec {
  readonly name: string;
  /** Decides the CPU, and which machine types there are. */
  readonly firmware: Firmware;
  /** Other files than those of `FIRMWARES`. `variables` is copied for every start, so that no boot order outlives an attempt. */
  readonly firmwareFiles?: { readonly code?: string; readonly variables?: string };
  /** Default: the firmware's first (`FIRMWARES`). */
  readonly machineType?: MachineType;
  readonly accelerator: Accelerator;
  /** Default: `host` under kvm, `max` under tcg. */
  readonly cpuModel?: string;
  readonly cpus?: number;
  readonly memoryMiB: number;
  readonly uuid?: string;
  /** UTC that the real-time clock shows when the VM starts, `2026-11-24T18:00:00`. Default: the host's. */
  readonly clock?: string;
  readonly nics?: readonly NicSpec[];
  readonly disks?: readonly DiskSpec[];
  /** Serial ports, ttyS0 (ttyAMA0 on Arm) first. Default 1. */
  readonly serialPorts?: number;
  /** A TPM 2.0: a program of its own (swtpm) that ends with the VM, its state in the VM's folder. */
  readonly tpm?: boolean;
  /** A channel to QEMU's guest agent (qemu-ga), a virtio serial port: `Vm.guestAgent`. Whether an agent runs is the guest's affair. */
  readonly guestAgent?: boolean;
  /** A random source for the guest. Default: under every UEFI, whose network stack does not load without one. */
  readonly randomSource?: boolean;
  /** `shutdown` ends the VM when the guest resets, which shows that it did. Default `reset`. */
  readonly onReset?: 'reset' | 'shutdown';
  /** fw_cfg items, name to string, e.g. `opt/org.tianocore/IPv4PXESupport` to `n`. */
  readonly firmwareStrings?: Readonly<Record<string, string>>;
  /** How long a UEFI waits, its drivers connected, before it boots: a multiple of a second. Default: not at all. */
  readonly bootWaitMs?: number;
  /** I/O port of an isa-debug-exit device: a guest that writes n there ends QEMU with code 2n + 1. */
  readonly debugExitPort?: number;
}
