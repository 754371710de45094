// Architecture values of option 93 (IANA "Processor Architecture Types"). RFC 4578's text swapped 7 and 9; errata 4624
// and the registry have them as here, and so have EDK2 and iPXE.
const NAMES: Readonly<Record<number, string>> = {
  0: 'x86 BIOS',
  1: 'NEC PC-98',
  2: 'Itanium UEFI',
  3: 'DEC Alpha',
  4: 'Arc x86',
  5: 'Intel Lean Client',
  6: 'x86 UEFI',
  7: 'x64 UEFI',
  8: 'Xscale UEFI',
  9: 'EBC UEFI',
  10: 'ARM32 UEFI',
  11: 'ARM64 UEFI',
  12: 'PowerPC Open Firmware',
  13: 'PowerPC ePAPR',
  14: 'POWER OPAL',
  15: 'x86 UEFI HTTP',
  16: 'x64 UEFI HTTP',
  17: 'EBC UEFI HTTP',
  18: 'ARM32 UEFI HTTP',
  19: 'ARM64 UEFI HTTP',
  20: 'x86 BIOS HTTP',
  25: 'RISC-V 32 UEFI',
  26: 'RISC-V 32 UEFI HTTP',
  27: 'RISC-V 64 UEFI',
  28: 'RISC-V 64 UEFI HTTP',
  29: 'RISC-V 128 UEFI',
  30: 'RISC-V 128 UEFI HTTP',
  37: 'LoongArch 32 UEFI',
  38: 'LoongArch 32 UEFI HTTP',
  39: 'LoongArch 64 UEFI',
  40: 'LoongArch 64 UEFI HTTP',
};

/** Name of an option 93 architecture; unassigned numbers say so. */
export function architectureName(architecture: number): string {
  return NAMES[architecture] ?? `unassigned architecture ${architecture}`;
}

/** Whether the architecture asks for UEFI HTTP boot, where the boot file is a URI. */
export function isHttpArchitecture(architecture: number): boolean {
  return NAMES[architecture]?.endsWith('HTTP') ?? false;
}
