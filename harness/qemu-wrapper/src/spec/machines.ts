import { firmwareRow, type Cpu, type Firmware, type MachineType } from './firmwares.ts';
import type { Accelerator, DiskInterface, VmSpec } from './vm-spec.ts';

export type { DiskInterface } from './vm-spec.ts';

/** What differs between the CPUs that QEMU emulates. */
export const CPUS: Readonly<
  Record<Cpu, { readonly model: Readonly<Record<Accelerator, string>>; readonly host: string }>
> = {
  // `host`: Node's word (process.arch) for a host on which KVM runs it.
  x86_64: { model: { kvm: 'host', tcg: 'max' }, host: 'x64' },
  // Under cortex-a57 AAVMF offers no network to boot from.
  aarch64: { model: { kvm: 'host', tcg: 'max' }, host: 'arm64' },
};

/** KVM runs the host's own CPU alone: a VM of another one is emulated. `host`: Node's word for it. */
export function acceleratorFor(firmware: Firmware, decided: Accelerator, host: string = process.arch): Accelerator {
  return CPUS[firmwareRow(firmware).cpu].host === host ? decided : 'tcg';
}

/** What differs between machine types. */
interface Machine {
  /** More, and QEMU refuses a PC's, and leaves those of `virt` unconnected without a word. */
  readonly serialPortsMax: number;
  /** What is plugged in beside what a user chose, so that there is a screen and a keyboard. */
  readonly devices: readonly string[];
  readonly tpmDevice: string;
  /** Disks that its own IDE or SATA controller takes; 0 for none. */
  readonly ideDisksMax: number;
}

export const MACHINES: Readonly<Record<MachineType, Machine>> = {
  // Two channels with two drives each.
  pc: { serialPortsMax: 4, devices: ['VGA'], tpmDevice: 'tpm-crb', ideDisksMax: 4 },
  // AHCI with six ports.
  q35: { serialPortsMax: 4, devices: ['VGA'], tpmDevice: 'tpm-crb', ideDisksMax: 6 },
  // A second UART since QEMU 9.1. A VGA shows no picture on Arm, where its memory is cached; a PC's keyboard controller
  // is not there either.
  virt: {
    serialPortsMax: 2,
    devices: ['ramfb', 'qemu-xhci,id=keyboard', 'usb-kbd,bus=keyboard.0'],
    tpmDevice: 'tpm-tis-device',
    ideDisksMax: 0,
  },
};

/** What differs between the ways to attach a disk. */
interface DiskAttachment {
  readonly device: string;
  /** A controller that the machine has not by itself: one for all disks, or (`each`) the device is one itself. */
  readonly controller?: { readonly device: string; readonly bus: (at: number) => string };
  readonly options?: (at: number) => string;
  readonly disksMax: number;
  /** QEMU refuses an IDE or SATA disk of other blocks than 512 bytes (hw/ide/qdev.c). */
  readonly takes4Kn: boolean;
}

const AHCI_PORTS = 6;
const XHCI_PORTS = 8;

/** `ide` is the machine's own controller: IDE on a pc, AHCI on q35. `sata` is AHCI on every machine. */
export const DISK_ATTACHMENTS: Readonly<Record<DiskInterface, DiskAttachment>> = {
  virtio: { device: 'virtio-blk-pci', disksMax: Infinity, takes4Kn: true },
  ide: { device: 'ide-hd', disksMax: Infinity, takes4Kn: false },
  sata: {
    device: 'ide-hd',
    controller: { device: 'ahci,id=sata', bus: (at) => `sata.${at}` },
    disksMax: AHCI_PORTS,
    takes4Kn: false,
  },
  nvme: { device: 'nvme', options: (at) => `serial=disk${at}`, disksMax: Infinity, takes4Kn: true },
  usb: {
    device: 'usb-storage',
    controller: { device: `qemu-xhci,id=usb,p2=${XHCI_PORTS},p3=${XHCI_PORTS}`, bus: () => 'usb.0' },
    disksMax: XHCI_PORTS,
    takes4Kn: true,
  },
};

export const DISK_INTERFACES = Object.keys(DISK_ATTACHMENTS) as readonly DiskInterface[];

/** The machine type of a VM. */
export function machineTypeOf({ machineType, firmware }: Pick<VmSpec, 'machineType' | 'firmware'>): MachineType {
  return machineType ?? firmwareRow(firmware).machineTypes[0];
}
