import { hyperVScript } from './hyper-v.ts';
import { libvirtDomain } from './libvirt.ts';
import { ovfEnvelope } from './ovf.ts';
import { parallelsDisk } from './parallels.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { vmxFile } from './vmx.ts';

/** A text beside a disk that makes it a machine, or a disk, of its target. */
export interface Description {
  readonly file: string;
  readonly text: string;
  /** What its user does with it, one sentence. */
  readonly next: string;
}

const DEPLOY = 'deploy it as an OVF template in vSphere, or open it in VMware Workstation or Fusion';
const PARALLELS = {
  bios: 'make a machine in Parallels Desktop with the .hdd folder as its disk, and legacy BIOS as its firmware',
  uefi: 'make a machine in Parallels Desktop with the .hdd folder as its disk, and EFI as its firmware',
} as const;

/** What the target of a format imports. `name` is that of its files, `diskPath` where the disk is to lie. */
export function describeMachine(machine: VirtualMachine, name: string, diskPath: string): Description {
  switch (machine.disk.format) {
    case 'vmdk':
      return machine.disk.variant === 'streamOptimized'
        ? { file: `${name}.ovf`, text: ovfEnvelope(machine), next: DEPLOY }
        : { file: `${name}.vmx`, text: vmxFile(machine), next: 'open the .vmx file in VMware Workstation or Fusion' };
    case 'vhdx':
    case 'vpc':
      return {
        file: `${name}.ps1`,
        text: hyperVScript(machine),
        next: 'run the .ps1 file on the Hyper-V host, where the disk is to lie',
      };
    case 'parallels':
      return { file: 'DiskDescriptor.xml', text: parallelsDisk(machine), next: PARALLELS[machine.firmware] };
    case 'qcow2':
    case 'raw':
      return {
        file: `${name}.xml`,
        text: libvirtDomain(machine, diskPath),
        next: 'virsh define the .xml file, which names the disk where it lies',
      };
  }
}
