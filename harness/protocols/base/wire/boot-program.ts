// What a boot program is for, by how its file begins: the header of an EFI program (PE/COFF specification 10.0, UEFI 2.10
// section 2.1.1), and a boot sector's mark, which Linux kernels for a PC have as well (Documentation/arch/x86/boot.rst).

/** Processors of EFI programs, named as DHCP's architectures name them. */
const MACHINES: Readonly<Record<number, string>> = {
  0x014c: 'x86',
  0x0200: 'ia64',
  0x01c0: 'arm',
  0x01c2: 'arm',
  0x01c4: 'arm',
  0x0ebc: 'ebc',
  0x5032: 'riscv32',
  0x5064: 'riscv64',
  0x5128: 'riscv128',
  0x6232: 'loongarch32',
  0x6264: 'loongarch64',
  0x8664: 'x64',
  0xaa64: 'arm64',
};

/** Bytes of a file from its beginning that hold every header which is looked at: EFI programs have theirs at 64 to 272. */
export const BOOT_PROGRAM_HEADER_BYTES = 1024;

const MZ = 0x5a4d;
const PE = 0x0000_4550;
const PE_OFFSET_AT = 0x3c;
const BOOT_SECTOR_AT = 0x1fe;
const BOOT_SECTOR = 0xaa55;
const PE32_PLUS = 0x20b;
/** Data directory 4, the table of certificates, counted from the optional header: of PE32, of PE32+. */
const CERTIFICATES_AT = [96 + 4 * 8, 112 + 4 * 8] as const;

/** What a boot program is. */
export interface BootProgram {
  /**
   * `efi`: an EFI program, which no BIOS starts. `linux`: an EFI program with a boot sector, which boot programs of a BIOS start
   * as well: a Linux kernel for a PC. `flat`: neither of them; no UEFI firmware starts it.
   */
  readonly format: 'efi' | 'linux' | 'flat';
  /** The processor of an EFI program; `0x…` where it has no name here. */
  readonly processor?: string;
  /** Whether an EFI program carries a signature. Nobody has checked it. */
  readonly signed?: boolean;
}

/** What a boot program is, by the first bytes of its file; undefined where those are too few to tell. */
export function bootProgramOf(bytes: Uint8Array): BootProgram | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (at: number, length: number): boolean => at + length <= bytes.length;
  if (!has(0, 2)) return undefined;
  if (view.getUint16(0, true) !== MZ) return { format: 'flat' };
  if (!has(PE_OFFSET_AT, 4)) return undefined;
  const at = view.getUint32(PE_OFFSET_AT, true);
  if (!has(at, 26) || !has(BOOT_SECTOR_AT, 2)) return undefined;
  if (view.getUint32(at, true) !== PE) return { format: 'flat' };
  const machine = view.getUint16(at + 4, true);
  const optional = at + 24;
  const certificates = optional + CERTIFICATES_AT[view.getUint16(optional, true) === PE32_PLUS ? 1 : 0];
  return {
    format: view.getUint16(BOOT_SECTOR_AT, true) === BOOT_SECTOR ? 'linux' : 'efi',
    processor: MACHINES[machine] ?? `0x${machine.toString(16).padStart(4, '0')}`,
    ...(has(certificates, 8) ? { signed: view.getUint32(certificates + 4, true) > 0 } : {}),
  };
}

/** One word: `efi-x64`, `linux-x64`, `flat`. */
export function bootProgramWord({ format, processor }: BootProgram): string {
  return processor === undefined ? format : `${format}-${processor}`;
}
