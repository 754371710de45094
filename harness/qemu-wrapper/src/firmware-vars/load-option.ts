import { littleEndian, Reader, ucs2 } from './bytes.ts';
import { devicePathText } from './device-path.ts';

/** EFI_LOAD_OPTION (UEFI 2.10 section 3.1.3): one entry of a boot order. */
export interface LoadOption {
  readonly attributes: number;
  /** What a person reads: `UEFI PXEv4 (MAC:525400000001)`. */
  readonly description: string;
  /** EFI_DEVICE_PATH_PROTOCOL as it lies in the variable. */
  readonly devicePath: Uint8Array;
  readonly optionalData: Uint8Array;
}

/** LOAD_OPTION_ACTIVE: the firmware passes over an entry without it. */
export const ACTIVE = 1;

/** Throws MalformedError. */
export function decodeLoadOption(bytes: Uint8Array): LoadOption {
  const read = new Reader(bytes);
  const attributes = read.u32('the attributes of a load option');
  const pathLength = read.u16('the length of its device path');
  const description = read.text('its description');
  const devicePath = read.bytes(pathLength, 'its device path');
  return { attributes, description, devicePath, optionalData: read.bytes(read.left, 'its optional data') };
}

export function encodeLoadOption({ attributes, description, devicePath, optionalData }: LoadOption): Uint8Array {
  return Buffer.concat([
    littleEndian(attributes, 4),
    littleEndian(devicePath.length, 2),
    ucs2(description),
    devicePath,
    optionalData,
  ]);
}

/** `UEFI PXEv4 (MAC:525400000001): PciRoot(0x0)/…`. Throws MalformedError. */
export function loadOptionText({ attributes, description, devicePath }: LoadOption): string {
  const off = (attributes & ACTIVE) === 0 ? ' (not active)' : '';
  return `${description}${off}: ${devicePathText(devicePath)}`;
}
