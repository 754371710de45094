import type { Firmware } from '#qemu-wrapper/nic-models';
import { AT_BOOT_MENU, bootMenuOf } from '../scenario/boot-menu.ts';
import { besideRom, ipxeScriptOf, isIpxe } from '../scenario/boot-programs.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { grubConfigurations, grubOf, ipxeConfigurations, PXELINUX_CONFIGURATIONS } from '../scenario/trees.ts';
import type { BootMenuPlan } from './plan.ts';

/** menu.c32 reads the configuration that named it once more. */
const PXELINUX_LOADS = 2;
/** The ROM's iPXE takes the common script, too, and loads the chosen iPXE. */
const LOADS_BESIDE_ROM = 2;

/** What the wire shows when a VM's boot program shows its menu; undefined without a menu. */
export function planBootMenu(
  scenario: Scenario,
  index: number,
  { mac, firmware }: { readonly mac: string; readonly firmware: Firmware },
): BootMenuPlan | undefined {
  if (bootMenuOf(scenario, index) === undefined) return undefined;
  const program = scenario.clients[index]?.['boot-program'];
  const grub = grubOf(firmware);
  if (program !== undefined && isIpxe(program)) {
    // A client's own script comes at once after the common one, in each iPXE.
    const { common } = ipxeConfigurations(ipxeScriptOf(firmware));
    return { when: AT_BOOT_MENU, files: [common], loads: besideRom(program, firmware) ? LOADS_BESIDE_ROM : 1 };
  }
  const { common, ofMac } = grub === undefined ? PXELINUX_CONFIGURATIONS : grubConfigurations(grub);
  return { when: AT_BOOT_MENU, files: [common, ofMac(mac)], loads: grub === undefined ? PXELINUX_LOADS : 1 };
}
