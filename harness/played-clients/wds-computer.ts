import { FIRMWARES, firmwareOf, processorOf } from '../protocols/dhcp/wire/architectures.ts';
import { WINDOWS_ARCHITECTURES } from '../protocols/wim/wire/architectures.ts';
import type { WdsVariable } from '../protocols/wds/wire/codec.ts';
import type { Computer } from './deployment-settings.ts';

// How a WDS client writes what it knows (MS-WDSOSD section 2.2).

const TYPES = { byte: 1, ulong: 4, wide: 0x20 } as const;

export const byte = (name: string, value: number): WdsVariable => ({ name, type: TYPES.byte, values: [value] });
export const ulong = (name: string, value: number): WdsVariable => ({ name, type: TYPES.ulong, values: [value] });
export const wide = (name: string, value: string): WdsVariable => ({ name, type: TYPES.wide, values: [value] });

/** Windows' code of a computer's processor. */
export function processor({ architecture }: Pick<Computer, 'architecture'>): number {
  return WINDOWS_ARCHITECTURES[processorOf(architecture) ?? 'x86'];
}

/** The 32 digits of a UUID, as Windows PE writes them. */
export function guidText({ uuid }: Pick<Computer, 'uuid'>): string {
  return uuid.replaceAll('-', '').toUpperCase();
}

/**
 * Who asks: the GUID, and the MAC address filled up to as many digits (protocols of Windows 7 and later, MS-WDSOSD
 * section 2.2.3).
 */
export function identity(computer: Pick<Computer, 'mac' | 'uuid'>): readonly WdsVariable[] {
  return [
    wide('CLIENT_GUID', guidText(computer)),
    wide('CLIENT_MAC', computer.mac.replaceAll(':', '').toUpperCase().padStart(32, '0')),
  ];
}

/** What GET_CLIENT_UNATTEND wants besides: processor, and firmware (0 BIOS, 1 UEFI). */
export function platform(computer: Pick<Computer, 'architecture'>): readonly WdsVariable[] {
  return [
    ulong('ARCHITECTURE', processor(computer)),
    byte('FIRMWARE', FIRMWARES.indexOf(firmwareOf(computer.architecture))),
  ];
}
