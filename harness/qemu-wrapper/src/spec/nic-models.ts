/**
 * NIC models that boot by PXE under a BIOS, and the option ROM that QEMU gives each (`romfile` in `info qtree`); the
 * files are iPXE's.
 */
export const PXE_ROMS = {
  e1000: 'efi-e1000.rom',
  e1000e: 'efi-e1000e.rom',
  i82559c: 'pxe-eepro100.rom',
  ne2k_pci: 'efi-ne2k_pci.rom',
  pcnet: 'efi-pcnet.rom',
  rtl8139: 'efi-rtl8139.rom',
  'virtio-net-pci': 'efi-virtio.rom',
  vmxnet3: 'efi-vmxnet3.rom',
} as const;
export type PxeNicModel = keyof typeof PXE_ROMS;
export const PXE_NIC_MODELS = Object.keys(PXE_ROMS) as readonly PxeNicModel[];

/** NIC models that QEMU emulates on PCI. QEMU 10 brings no ROM for igb (hw/net/igb.c sets none). */
export const NIC_MODELS = [...PXE_NIC_MODELS, 'igb'] as const;
export type NicModel = (typeof NIC_MODELS)[number];
