import * as z from 'zod';
import { word } from './values.ts';

const BOOT_DEVICES = ['network', 'disk', 'unplugged-nic'] as const;
export type BootDevice = (typeof BOOT_DEVICES)[number];

/** Devices in the order that a firmware tries them. */
export const bootOrder = z.array(word(BOOT_DEVICES), {
  error: 'a list of devices, e.g. [network, disk]',
});

/** A boot order on an axis: written as at a client, and then the text that cells and command lines have, `disk,network`. */
export const bootOrderText = bootOrder.transform((order) => order.join(','));

/** The devices of such a text. */
export const devicesOf = (order: string): BootDevice[] => (order === '' ? [] : (order.split(',') as BootDevice[]));
