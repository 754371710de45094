import { firmwareRow, type Firmware } from '#qemu-wrapper/nic-models';

/** Whether a firmware is that of a 64-bit Arm computer, for which the bundles have a kernel, an agent and boot programs of their own. */
export const isArm = (firmware: Firmware): boolean => firmwareRow(firmware).cpu === 'aarch64';
