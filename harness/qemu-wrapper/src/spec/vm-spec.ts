import type { NicModel } from './nic-models.ts';

/** The other end of a NIC's cable. */
export type NetDevice =
  /** A tap interface that exists already. */
  | { readonly kind: 'tap'; readonly interface: string }
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
  readonly interface: 'virtio' | 'ide';
  readonly bootIndex?: number;
  readonly readOnly?: boolean;
}

export type Firmware =
  | { readonly kind: 'bios' }
  /** `varsTemplate` is copied for every start, so that no boot order outlives an attempt. */
  | { readonly kind: 'uefi'; readonly code: string; readonly varsTemplate: string; readonly secureBoot?: boolean };

export type Accelerator = 'kvm' | 'tcg';

/** Everything about a VM that a user could have chosen. */
export interface VmSpec {
  readonly name: string;
  /** Only x86_64 for now; a row of `architectures.ts` each. */
  readonly architecture?: 'x86_64';
  readonly firmware: Firmware;
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
  /** Serial ports, ttyS0 first. Default 1. */
  readonly serialPorts?: number;
  /** A random source for the guest. Default: under uefi, whose network stack does not load without one. */
  readonly randomSource?: boolean;
  /** `shutdown` ends the VM when the guest resets, which shows that it did. Default `reset`. */
  readonly onReset?: 'reset' | 'shutdown';
  /** fw_cfg items, name to string, e.g. `opt/org.tianocore/IPv4PXESupport` to `n`. */
  readonly firmwareStrings?: Readonly<Record<string, string>>;
  /** I/O port of an isa-debug-exit device: a guest that writes n there ends QEMU with code 2n + 1. */
  readonly debugExitPort?: number;
}
