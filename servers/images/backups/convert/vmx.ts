import type { VirtualMachine } from './virtual-machine.ts';

/** A machine of VMware Workstation or Fusion, which opens this file beside its disk. */
export function vmxFile({ name, firmware, cpus, memoryMiB, disk }: VirtualMachine): string {
  const settings: Readonly<Record<string, string | number>> = {
    '.encoding': 'UTF-8',
    'config.version': 8,
    'virtualHW.version': 13,
    displayName: name,
    guestOS: 'other-64',
    ...(firmware === 'uefi' && { firmware: 'efi' }),
    numvcpus: cpus,
    memsize: memoryMiB,
    'pciBridge0.present': 'TRUE',
    // The card is a PCI Express device.
    'pciBridge4.present': 'TRUE',
    'pciBridge4.virtualDev': 'pcieRootPort',
    'pciBridge4.functions': 8,
    'sata0.present': 'TRUE',
    'sata0:0.present': 'TRUE',
    'sata0:0.fileName': disk.file,
    'ethernet0.present': 'TRUE',
    'ethernet0.virtualDev': 'e1000e',
    'ethernet0.connectionType': 'nat',
    'ethernet0.addressType': 'generated',
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} = "${value}"\n`)
    .join('');
}
