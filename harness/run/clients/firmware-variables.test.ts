import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readVariables, VariableStoreError } from '#qemu-wrapper';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { damage, variablesOfBoot } from './firmware-variables.ts';

/** Stores of a boot from the network under Secure Boot, before and after it. */
const TESTDATA = path.join(import.meta.dirname, '../../qemu-wrapper/src/firmware-vars/testdata');
await using folder = await temporaryFolder();
const storeFile = async (name: string, keepBytes?: number): Promise<string> => {
  const file = path.join(folder.path, `${name}-${keepBytes ?? 'whole'}.fd`);
  await writeFile(file, gunzipSync(await readFile(path.join(TESTDATA, `${name}.fd.gz`))).subarray(0, keepBytes));
  return file;
};
const before = await readVariables(await storeFile('secure-boot-template'));
const after = await readVariables(await storeFile('secure-boot-after-pxe'));
const cut = await storeFile('secure-boot-after-pxe', 4096);
const damaged = await readVariables(cut).catch(damage);

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
