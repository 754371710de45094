import type { Firmware } from '#qemu-wrapper/nic-models';
import { AT_BOOT_MENU, bootMenuOf } from '../scenario/boot-menu.ts';
import { ipxeScriptOf, isIpxe } from '../scenario/boot-programs.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { grubConfigurations, grubOf, ipxeConfigurations, PXELINUX_CONFIGURATIONS } from '../scenario/trees.ts';
import type { BootMenuPlan } from './plan.ts';

/** menu.c32 reads the configuration that named it once more. */
const PXELINUX_LOADS = 2;

/** What the wire shows when a VM's boot program shows its menu; undefined without a menu. */
export function planBootMenu(
  scenario: Scenario,
  index: number,
  { mac, firmware }: { readonly mac: string; readonly firmware: Firmware },
): BootMenuPlan | undefined {
  if (bootMenuOf(scenario, index) === undefined) return undefined;
  const program = scenario.clients[index]?.['boot-program'];
  const grub = grubOf(firmware);
  const ipxe = program !== undefined && isIpxe(program);
  const { common, ofMac } = ipxe
    ? ipxeConfigurations(ipxeScriptOf(firmware))
    : grub === undefined
      ? PXELINUX_CONFIGURATIONS
      : grubConfigurations(grub);
  return { when: AT_BOOT_MENU, files: [common, ofMac(mac)], loads: !ipxe && grub === undefined ? PXELINUX_LOADS : 1 };
}
