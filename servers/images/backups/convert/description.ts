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
}

/** What the target of a format imports. `name` is that of its files, `diskPath` where the disk is to lie. */
export function describeMachine(machine: VirtualMachine, name: string, diskPath: string): Description {
  switch (machine.disk.format) {
    case 'vmdk':
      return machine.disk.variant === 'streamOptimized'
        ? { file: `${name}.ovf`, text: ovfEnvelope(machine) }
        : { file: `${name}.vmx`, text: vmxFile(machine) };
    case 'vhdx':
    case 'vpc':
      return { file: `${name}.ps1`, text: hyperVScript(machine) };
    case 'parallels':
      return { file: 'DiskDescriptor.xml', text: parallelsDisk(machine) };
    case 'qcow2':
    case 'raw':
      return { file: `${name}.xml`, text: libvirtDomain(machine, diskPath) };
  }
}
