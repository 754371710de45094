import type { PxeNicModel } from '#qemu-wrapper/nic-models';

/** Linux's drivers for each network card that boots by PXE. */
export const NIC_DRIVERS: Readonly<Record<PxeNicModel, readonly string[]>> = {
  e1000: ['e1000'],
  e1000e: ['e1000e'],
  'virtio-net-pci': ['virtio_net'],
  rtl8139: ['8139too', '8139cp'],
  pcnet: ['pcnet32'],
  ne2k_pci: ['ne2k-pci'],
  i82559c: ['e100'],
  vmxnet3: ['vmxnet3'],
};
