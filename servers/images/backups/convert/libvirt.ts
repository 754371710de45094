import type { VirtualMachine } from './virtual-machine.ts';
import { xmlDocument } from './xml.ts';

/**
 * A machine of libvirt (KVM), for `virsh define`. libvirt wants the whole path of the disk. A disk that was on virtio is
 * again; any other is on SATA, for which every system has a driver.
 * Source: https://libvirt.org/formatdomain.html
 */
export function libvirtDomain({ name, firmware, cpus, memoryMiB, disk }: VirtualMachine, diskPath: string): string {
  const block = { '@logical_block_size': disk.sectorBytes, '@physical_block_size': disk.sectorBytes };
  return xmlDocument({
    domain: {
      '@type': 'kvm',
      name,
      memory: { '@unit': 'MiB', '#text': memoryMiB },
      vcpu: cpus,
      os: {
        ...(firmware === 'uefi' && { '@firmware': 'efi' }),
        type: { '@arch': 'x86_64', '@machine': 'q35', '#text': 'hvm' },
        // Whether the guest's boot loader is signed, no backup says.
        ...(firmware === 'uefi' && { firmware: { feature: { '@enabled': 'no', '@name': 'secure-boot' } } }),
        boot: { '@dev': 'hd' },
      },
      features: { acpi: '', apic: '' },
      cpu: { '@mode': 'host-model' },
      clock: { '@offset': 'utc' },
      devices: {
        disk: {
          '@type': 'file',
          '@device': 'disk',
          driver: { '@name': 'qemu', '@type': disk.format },
          source: { '@file': diskPath },
          ...(disk.sectorBytes !== 512 && { blockio: block }),
          target: disk.isVirtio ? { '@dev': 'vda', '@bus': 'virtio' } : { '@dev': 'sda', '@bus': 'sata' },
        },
        interface: { '@type': 'network', source: { '@network': 'default' }, model: { '@type': 'e1000e' } },
        console: { '@type': 'pty' },
        graphics: { '@type': 'vnc' },
        video: { model: { '@type': 'vga' } },
      },
    },
  });
}
