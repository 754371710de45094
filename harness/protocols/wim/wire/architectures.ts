import type { Firmware, Processor } from '../../dhcp/wire/architectures.ts';

/**
 * Windows' processor codes (PROCESSOR_ARCHITECTURE_* of winnt.h), as WIM's XML and the WDS control channel (MS-WDSOSD
 * section 2.2.8) carry them, by the names that WDS gives them in folders. Not the numbers of DHCP option 93.
 */
export const WINDOWS_ARCHITECTURES = { x86: 0, arm: 5, ia64: 6, x64: 9, arm64: 12 } as const satisfies Readonly<
  Record<Processor, number>
>;

/** Their names. */
export const WINDOWS_ARCHITECTURE_NAMES = Object.keys(WINDOWS_ARCHITECTURES) as readonly Processor[];

/** An architecture, or an architecture with one of the firmwares that there are for it: what answer files are for. */
export const WINDOWS_PLATFORMS = [
  'x86',
  'x86-bios',
  'x86-uefi',
  'x64',
  'x64-bios',
  'x64-uefi',
  'ia64',
  'arm',
  'arm64',
] as const satisfies readonly (Processor | `${Processor}-${Firmware}`)[];

/** The architecture that a code stands for; undefined for unassigned codes. */
export function windowsArchitecture(code: number): Processor | undefined {
  return WINDOWS_ARCHITECTURE_NAMES.find((name) => WINDOWS_ARCHITECTURES[name] === code);
}

/** A code's name for people, e.g. `x64`; unassigned codes say so. */
export function windowsArchitectureName(code: number): string {
  return windowsArchitecture(code) ?? `unknown architecture ${code}`;
}

/**
 * The architecture that a folder of RemInst's `Boot` tree is for: `Boot\x64\Images\boot.wim` names `x64`. Undefined
 * elsewhere.
 */
export function bootFolderArchitecture(path: string): Processor | undefined {
  const folder = /(?:^|[\\/])boot[\\/]([^\\/]+)[\\/]/i.exec(path)?.[1]?.toLowerCase();
  return WINDOWS_ARCHITECTURE_NAMES.find((name) => name === folder);
}
