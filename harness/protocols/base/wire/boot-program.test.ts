import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { BOOT_PROGRAM_HEADER_BYTES, bootProgramOf, bootProgramWord } from './boot-program.ts';
import { programHead, type ProgramHead } from './testing/program-heads.ts';

describe('a real boot program is known by its first kilobyte', () => {
  it.each<[ProgramHead, string, boolean | undefined]>([
    ['shimx64.efi', 'efi-x64', true],
    ['grubx64-unsigned.efi', 'efi-x64', false],
    ['snponly.efi', 'efi-x64', false],
    ['ipxe-arm64.efi', 'efi-arm64', false],
    ['syslinux-ia32.efi', 'efi-x86', false],
    ['vmlinuz', 'linux-x64', true],
    ['undionly.kpxe', 'flat', undefined],
    ['pxelinux.0', 'flat', undefined],
  ])('%s: %s', (name, word, signed) => {
    const program = bootProgramOf(programHead(name));
    expect([program && bootProgramWord(program), program?.signed]).toEqual([word, signed]);
  });

  it('and by what a TFTP block of the default size holds of it', () => {
    for (const name of ['shimx64.efi', 'vmlinuz', 'syslinux-ia32.efi'] as const)
      expect(bootProgramOf(programHead(name).subarray(0, 512))).toEqual(bootProgramOf(programHead(name)));
  });
});

describe('what is too short or damaged', () => {
  it('is not guessed at where the header lies beyond', () => {
    expect(bootProgramOf(programHead('snponly.efi').subarray(0, 64))).toBeUndefined();
    expect(bootProgramOf(new Uint8Array(1))).toBeUndefined();
  });

  it('with a mark of DOS and none of EFI starts under no UEFI firmware', () => {
    const damaged = programHead('snponly.efi');
    damaged[0x40] = 0;
    expect(bootProgramOf(damaged)).toEqual({ format: 'flat' });
  });

  it('for a processor without a name here has its number', () => {
    const other = programHead('snponly.efi').with(0x44, 0x34).with(0x45, 0x12);
    expect(bootProgramOf(other)).toMatchObject({ processor: '0x1234' });
  });

  it('never throws', () => {
    const mz = fc
      .uint8Array({ maxLength: BOOT_PROGRAM_HEADER_BYTES })
      .map((bytes) => Uint8Array.of(0x4d, 0x5a, ...bytes));
    fc.assert(fc.property(fc.oneof(mz, fc.uint8Array()), (bytes) => void bootProgramOf(bytes)));
  });
});
