import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ACTIVE, changeVariables, readVariables, settingsOf, VariableStoreError } from '#qemu-wrapper';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { damage, variablesOfBoot } from './firmware-variables.ts';

/** Stores of a boot from the network under Secure Boot, before and after it. */
const TESTDATA = path.join(import.meta.dirname, '../../qemu-wrapper/src/firmware-vars/testdata');
await using folder = await temporaryFolder();
let stores = 0;
const storeFile = async (name: string, keepBytes?: number): Promise<string> => {
  stores += 1;
  const file = path.join(folder.path, `${stores}.fd`);
  await writeFile(file, gunzipSync(await readFile(path.join(TESTDATA, `${name}.fd.gz`))).subarray(0, keepBytes));
  return file;
};
const before = await readVariables(await storeFile('secure-boot-template'));
const after = await readVariables(await storeFile('secure-boot-after-pxe'));
const cut = await storeFile('secure-boot-after-pxe', 4096);
const damaged = await readVariables(cut).catch(damage);

// As efibootmgr enters a system: a file on a partition of a GPT.
const hd = `04012a00 01000000 0008000000000000 0000020000000000 ${'11'.repeat(16)} 0202`;
const name = Buffer.from('\\EFI\\debian\\shimx64.efi\0', 'utf16le');
const devicePath = Buffer.concat([
  Buffer.from(hd.replaceAll(' ', ''), 'hex'),
  Buffer.from([4, 4, name.length + 4, 0]),
  name,
  Buffer.from('7fff0400', 'hex'),
]);
const debian = { attributes: ACTIVE, description: 'debian', devicePath, optionalData: new Uint8Array() };
const order = settingsOf(after).bootOrder ?? [];
const installed = await Promise.all(
  [[5, ...order], [...order, 5], order].map(async (bootOrder) => {
    const file = await storeFile('secure-boot-after-pxe');
    await changeVariables(file, { bootEntries: { 5: debian }, bootOrder });
    return variablesOfBoot({ before, after: await readVariables(file) }).findings;
  }),
);

it('tells the boot order that a boot from the network left, and only changes that a boot depends on', () => {
  const { variables, findings } = variablesOfBoot({ before, after });
  expect(findings).toEqual([]);
  expect(variables).toMatchObject({ secureBoot: true });
  expect(variables?.bootOrder).toEqual([
    'Boot0001 UEFI PXEv4 (MAC:525400000001)',
    'Boot0002 UEFI PXEv6 (MAC:525400000001)',
    'Boot0003 UEFI HTTPv4 (MAC:525400000001)',
    'Boot0004 UEFI HTTPv6 (MAC:525400000001)',
    'Boot0000 UiApp',
  ]);
  expect(variables?.changes.map(({ name, before: old }) => [name, old?.split(':')[0]])).toEqual([
    ['Boot0001', 'UEFI QEMU HARDDISK QM00001 '],
    ['Boot0002', undefined],
    ['Boot0003', undefined],
    ['Boot0004', undefined],
    ['BootOrder', undefined],
  ]);
});

it('says that a boot left the store damaged', () => {
  expect(damaged).toBeInstanceOf(VariableStoreError);
  expect(variablesOfBoot({ before, after: damaged }).findings).toEqual([
    `the boot left the firmware's variables damaged: ${cut} is no sound store of firmware variables: its volume has 540672 bytes, and the file only 4096`,
  ]);
  const odd = after.map((one) => (one.name === 'BootOrder' ? { ...one, data: Uint8Array.of(1) } : one));
  expect(variablesOfBoot({ before, after: odd }).findings[0]).toContain('variable BootOrder: ');
});

it('recognises a boot order that the installer changed', () => {
  const [first, last, notInOrder] = installed;
  expect(first).toEqual([
    'boot order changed by the installer: Boot0005 debian: HD(1,GPT,11111111-1111-1111-1111-111111111111,0x800,0x20000)/\\EFI\\debian\\shimx64.efi is now first of 6, so that the next start of a machine comes from there and not from the network',
  ]);
  expect(last?.[0]).toContain('is number 6 of 6');
  expect(notInOrder).toEqual([]);
});
