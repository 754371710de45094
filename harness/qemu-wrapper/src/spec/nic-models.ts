import type { Firmware } from './firmwares.ts';

// What is known without QEMU, for checks before anything starts.
export { FIRMWARE_NAMES, firmwareRow, MACHINE_TYPES, type Firmware, type MachineType } from './firmwares.ts';
export { TRANSPORT_NAMES, transportRow, TRANSPORTS, transportsOf, type Transport } from './transports.ts';

/** Who brings the driver with which a firmware boots from a card: itself, or an option ROM, a file in QEMU's folder. */
export type NicDriver = 'firmware' | { readonly rom: string };

/** What QEMU's own choice of a ROM comes to, `romfile` in `info qtree`: no argument is needed. */
const byDefault = (rom: string) => ({ bios: { rom }, uefi: { rom }, 'uefi-secure-boot': { rom } }) as const;

/**
 * Network cards that boot by PXE, and by whose driver. Under a BIOS the ROM, which is iPXE's, is the PXE stack. Under
 * UEFI the PXE stack is EDK2's whoever brings the driver; OVMF has one for virtio alone (OvmfPkg, VirtioNetDxe). Secure
 * Boot changes nothing: OVMF runs the ROMs, although nobody signed them. iPXE's ROMs are for x86, so that AAVMF boots
 * from virtio alone. Each pair was booted to its boot file under TCG (harness/docs/what-works.md).
 */
export const PXE_NICS = {
  e1000: byDefault('efi-e1000.rom'),
  e1000e: byDefault('efi-e1000e.rom'),
  // Not under UEFI. By itself QEMU gives it a ROM for a BIOS only; with efi-eepro100.rom it sends a DISCOVER, but
  // receives nothing more once EDK2's windows have filled its ring: 285 kB arrived, 1 MB did in none of four boots.
  i82559c: { bios: { rom: 'pxe-eepro100.rom' } },
  ne2k_pci: byDefault('efi-ne2k_pci.rom'),
  pcnet: byDefault('efi-pcnet.rom'),
  rtl8139: byDefault('efi-rtl8139.rom'),
  'virtio-net-pci': {
    bios: { rom: 'efi-virtio.rom' },
    uefi: 'firmware',
    'uefi-secure-boot': 'firmware',
    'uefi-arm64': 'firmware',
  },
  vmxnet3: byDefault('efi-vmxnet3.rom'),
} as const satisfies Record<string, Partial<Record<Firmware, NicDriver>>>;

/** A network card that boots by PXE under some firmware. */
export type PxeNicModel = keyof typeof PXE_NICS;
export const PXE_NIC_MODELS = Object.keys(PXE_NICS) as readonly PxeNicModel[];

/** NIC models that QEMU emulates on PCI. QEMU 10 brings no ROM for igb (hw/net/igb.c sets none). */
export const NIC_MODELS = [...PXE_NIC_MODELS, 'igb'] as const;
export type NicModel = (typeof NIC_MODELS)[number];

/** The driver with which a firmware boots from a card; undefined for a card that it cannot boot from. */
export function bootDriver(model: NicModel, firmware: Firmware): NicDriver | undefined {
  const drivers: Partial<Record<Firmware, NicDriver>> = model in PXE_NICS ? PXE_NICS[model as PxeNicModel] : {};
  return drivers[firmware];
}

/** Cards that a firmware can boot from. */
export function bootableNics(firmware: Firmware): PxeNicModel[] {
  return PXE_NIC_MODELS.filter((model) => bootDriver(model, firmware) !== undefined);
}

/** Every ROM file that some card needs. */
export const PXE_ROM_FILES: readonly string[] = [
  ...new Set(
    Object.values(PXE_NICS)
      .flatMap((drivers) => Object.values<NicDriver>(drivers))
      .flatMap((driver) => (driver === 'firmware' ? [] : [driver.rom])),
  ),
];
