import { expect, it } from 'vitest';
import { isForAnother, programText, startableBy } from './program-fit.ts';

it.each<[what: string, architecture: number, program: string, isWrong: boolean]>([
  ['an x64 client', 7, 'efi-x64', false],
  ['an x64 client that says EBC', 9, 'efi-x64', false],
  ['an x64 client by HTTP', 16, 'efi-x64', false],
  ['an x64 client', 7, 'efi-x86', true],
  ['an x64 client', 7, 'efi-arm64', true],
  ['an x64 client', 7, 'efi-ebc', false],
  ['an x64 client with a script', 7, 'flat', false],
  ['an IA32 client', 6, 'efi-x64', true],
  ['an arm64 client', 11, 'efi-x64', true],
  ['an arm64 client', 11, 'efi-arm64', false],
  ['a BIOS', 0, 'efi-x64', true],
  ['a BIOS with a kernel', 0, 'linux-x64', false],
  ['a BIOS', 0, 'flat', false],
  ['a client of which no processor is known', 1, 'efi-x64', false],
])('%s (%d) that loads %s', (_, architecture, program, isWrong) => {
  expect(isForAnother(architecture, program)).toBe(isWrong);
});

it('says what starts, and what was loaded', () => {
  expect([startableBy(0), startableBy(11)]).toEqual(['a program for a BIOS', 'an EFI program for arm64']);
  expect(['flat', 'efi-x86', 'linux-x64'].map(programText)).toEqual([
    'no EFI program',
    'an EFI program for x86',
    'an EFI program for x64',
  ]);
});
