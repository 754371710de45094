import type { BackupManifest } from '../../backup-store/manifest.ts';
import type { FormatName } from './formats.ts';

/** A machine for a disk: what every target's description of it says. */
export interface VirtualMachine {
  readonly name: string;
  readonly firmware: 'bios' | 'uefi';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly disk: {
    /** Its name in the folder of the machine. */
    readonly file: string;
    readonly format: FormatName;
    readonly variant: string;
    /** Size that the guest sees. */
    readonly bytes: number;
    /** Size of the file. */
    readonly fileBytes: number;
    readonly sectorBytes: number;
    /** The guest has a driver for virtio disks: it was on one. */
    readonly isVirtio: boolean;
  };
}

/** No backup says what a computer had of these. */
const CPUS = 2;
const MEMORY_MIB = 2048;

/** The machine for the disk of a backup. */
export function machineOf(
  { client, firmware, disk }: BackupManifest,
  made: Pick<VirtualMachine['disk'], 'file' | 'format' | 'variant' | 'bytes' | 'fileBytes'>,
): VirtualMachine {
  return {
    name: client,
    firmware,
    cpus: CPUS,
    memoryMiB: MEMORY_MIB,
    disk: { ...made, sectorBytes: disk.sectorBytes, isVirtio: disk.name.startsWith('vd') },
  };
}
