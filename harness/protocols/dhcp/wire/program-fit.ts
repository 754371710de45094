import { firmwareOf, processorOf } from './architectures.ts';

/** What a client of an architecture starts, in words: `an EFI program for x64`. */
export function startableBy(architecture: number): string {
  return firmwareOf(architecture) === 'bios'
    ? 'a program for a BIOS'
    : `an EFI program for ${processorOf(architecture) ?? ''}`;
}

/** What a boot program is, in words, by its word (`bootProgramWord`). */
export function programText(word: string): string {
  return word === 'flat' ? 'no EFI program' : word.replace(/^(efi|linux)-/, 'an EFI program for ');
}

/**
 * Whether a boot program is for another kind of client than an architecture (option 93) says: an EFI program for another
 * processor, or for a BIOS. Byte code (EBC) starts everywhere. `word`: of `bootProgramWord`. What is no EFI program is not
 * judged: boot programs that name an architecture of UEFI load scripts as well.
 */
export function isForAnother(architecture: number, word: string): boolean {
  const [, format, processor] = /^(efi|linux)-(.+)$/.exec(word) ?? [];
  if (format === undefined) return false;
  if (firmwareOf(architecture) === 'bios') return format === 'efi';
  const own = processorOf(architecture);
  return own !== undefined && processor !== own && processor !== 'ebc';
}
