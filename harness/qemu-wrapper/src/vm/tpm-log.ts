/** What a VM has done with its TPM. */
export interface TpmUse {
  /** Commands since the firmware started it; 0 where it never did. */
  readonly commands: number;
  /** How often something was measured, by the number of the register (PCR). */
  readonly measurements: Readonly<Record<string, number>>;
}

/** From QEMU to the TPM, as swtpm's log has it: a line with the length, and the bytes in hex on the lines after it. */
const COMMAND = /^ SWTPM_IO_Read: length \d+\n((?: [0-9A-F]{2}[^\n]*\n?)+)/gm;
/** TPM 2.0 Library, part 2, table 12. QEMU itself asks for the version before the firmware runs. */
const STARTUP = 0x144;
const PCR_EXTEND = 0x182;
/** After tag and size; a handle follows the code (part 1, section 18.1). */
const CODE_AT = 6;
const HANDLE_AT = 10;
/** Handles of registers are their numbers. */
const REGISTERS = 24;

/** Reads the commands in a log of swtpm (level 20); what is cut at its end is left out. */
export function tpmUse(log: string): TpmUse {
  let commands = 0;
  const measurements: Record<string, number> = {};
  for (const [, dump = ''] of log.matchAll(COMMAND)) {
    const bytes = Buffer.from(dump.replaceAll(/\s/g, ''), 'hex');
    if (bytes.length < HANDLE_AT) continue;
    const code = bytes.readUInt32BE(CODE_AT);
    if (commands === 0 && code !== STARTUP) continue;
    commands += 1;
    if (code !== PCR_EXTEND || bytes.length < HANDLE_AT + 4) continue;
    const register = bytes.readUInt32BE(HANDLE_AT);
    if (register < REGISTERS) measurements[String(register)] = (measurements[String(register)] ?? 0) + 1;
  }
  return { commands, measurements };
}
