// Client system architectures, option 93 (IANA "Processor Architecture Types"). RFC 4578's text swapped 7 and 9; errata
// 4624 and the registry have them as here, and so have EDK2 and iPXE.

/** Words for the architectures that scenarios and played clients name. */
export const ARCHITECTURES = {
  bios: 0,
  'uefi-ia32': 6,
  'uefi-x64': 7,
  'uefi-arm64': 11,
  'uefi-x64-http': 16,
  'uefi-arm64-http': 19,
} as const;
export type ArchitectureWord = keyof typeof ARCHITECTURES;
export const ARCHITECTURE_WORDS = Object.keys(ARCHITECTURES) as readonly ArchitectureWord[];

/** The word for an architecture; undefined where scenarios have none. */
export function architectureWord(architecture: number | undefined): ArchitectureWord | undefined {
  return ARCHITECTURE_WORDS.find((word) => ARCHITECTURES[word] === architecture);
}

/** A processor that Windows supports, by Windows' own name. */
export type Processor = 'x86' | 'x64' | 'arm' | 'arm64' | 'ia64';

interface Row {
  readonly name: string;
  /**
   * The processor whose Windows programs the client runs; absent where there is no Windows. A BIOS says x86 on an x64
   * processor, too.
   */
  readonly processor?: Processor;
}

const REGISTRY: Readonly<Record<number, Row>> = {
  0: { name: 'x86 BIOS', processor: 'x86' },
  1: { name: 'NEC PC-98' },
  2: { name: 'Itanium UEFI', processor: 'ia64' },
  3: { name: 'DEC Alpha' },
  4: { name: 'Arc x86' },
  5: { name: 'Intel Lean Client' },
  6: { name: 'x86 UEFI', processor: 'x86' },
  7: { name: 'x64 UEFI', processor: 'x64' },
  8: { name: 'Xscale UEFI' },
  9: { name: 'EBC UEFI', processor: 'x64' },
  10: { name: 'ARM32 UEFI', processor: 'arm' },
  11: { name: 'ARM64 UEFI', processor: 'arm64' },
  12: { name: 'PowerPC Open Firmware' },
  13: { name: 'PowerPC ePAPR' },
  14: { name: 'POWER OPAL' },
  15: { name: 'x86 UEFI HTTP', processor: 'x86' },
  16: { name: 'x64 UEFI HTTP', processor: 'x64' },
  17: { name: 'EBC UEFI HTTP' },
  18: { name: 'ARM32 UEFI HTTP', processor: 'arm' },
  19: { name: 'ARM64 UEFI HTTP', processor: 'arm64' },
  20: { name: 'x86 BIOS HTTP', processor: 'x86' },
  25: { name: 'RISC-V 32 UEFI' },
  26: { name: 'RISC-V 32 UEFI HTTP' },
  27: { name: 'RISC-V 64 UEFI' },
  28: { name: 'RISC-V 64 UEFI HTTP' },
  29: { name: 'RISC-V 128 UEFI' },
  30: { name: 'RISC-V 128 UEFI HTTP' },
  37: { name: 'LoongArch 32 UEFI' },
  38: { name: 'LoongArch 32 UEFI HTTP' },
  39: { name: 'LoongArch 64 UEFI' },
  40: { name: 'LoongArch 64 UEFI HTTP' },
};

/** Name of an option 93 architecture; unassigned numbers say so. */
export function architectureName(architecture: number): string {
  return REGISTRY[architecture]?.name ?? `unassigned architecture ${architecture}`;
}

/** A PC's firmwares, at the numbers that the WDS variable FIRMWARE gives them (harness/docs/protocols.md 4.5). */
export const FIRMWARES = ['bios', 'uefi'] as const;
export type Firmware = (typeof FIRMWARES)[number];

/** Firmware of an architecture: the registry has a PC's BIOS twice, and else kinds of UEFI. */
export function firmwareOf(architecture: number): Firmware {
  return architecture === 0 || architecture === 20 ? 'bios' : 'uefi';
}

/** Processor of an architecture; undefined for one that no Windows runs on, and for unassigned numbers. */
export function processorOf(architecture: number): Processor | undefined {
  return REGISTRY[architecture]?.processor;
}

/**
 * The numbers under which a boot file for an architecture may stand, its own first: 7 and 9 both mean x64 UEFI in the
 * field (RFC 4578, erratum 4624).
 */
export function bootFileArchitectures(architecture: number): readonly number[] {
  if (architecture === 7) return [7, 9];
  return architecture === 9 ? [9, 7] : [architecture];
}
