import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MalformedError } from './bytes.ts';
import { devicePathText } from './device-path.ts';
import { differenceOf, variableText } from './difference.ts';
import { decodeLoadOption, encodeLoadOption } from './load-option.ts';
import { changed, settingsOf } from './settings.ts';
import { decodeSignatures } from './signatures.ts';
import { readStore } from './store.ts';

const variablesOf = async (name: string) =>
  readStore(gunzipSync(await readFile(path.join(import.meta.dirname, 'testdata', `${name}.fd.gz`))));
const before = await variablesOf('secure-boot-template');
const after = await variablesOf('secure-boot-after-pxe');

describe('settings of a firmware', () => {
  it("are Debian's, with Microsoft's keys", () => {
    const { bootOrder, bootNext, secureBoot, keys } = settingsOf(before);
    expect({ bootOrder, bootNext, secureBoot }).toMatchInlineSnapshot(`
      {
        "bootNext": undefined,
        "bootOrder": undefined,
        "secureBoot": true,
      }
    `);
    expect(keys.PK.map(({ kind }) => kind)).toEqual(['certificate']);
    expect(keys.db.map(({ text }) => /CN=([^,]*)/.exec(text)?.[1])).toMatchInlineSnapshot(`
      [
        "Microsoft Windows Production PCA 2011",
        "Microsoft Corporation UEFI CA 2011",
      ]
    `);
    expect(keys.dbx.map(({ kind, text }) => [kind, text.length])).toEqual([['sha256', 64]]);
  });

  it('of a machine that booted from the network name its entries', () => {
    const { bootOrder = [], bootEntries } = settingsOf(after);
    expect(bootOrder.map((number) => bootEntries[number]?.description)).toMatchInlineSnapshot(`
      [
        "UEFI PXEv4 (MAC:525400000001)",
        "UEFI PXEv6 (MAC:525400000001)",
        "UEFI HTTPv4 (MAC:525400000001)",
        "UEFI HTTPv6 (MAC:525400000001)",
        "UiApp",
      ]
    `);
  });

  it('read as they were written', () => {
    const entry = {
      attributes: 1,
      description: 'UEFI PXEv4 (MAC:525400000001)',
      devicePath: Buffer.from('7fff0400', 'hex'),
      optionalData: new Uint8Array(),
    };
    const made = changed(before, {
      bootOrder: [7, 1],
      bootNext: 7,
      bootEntries: { 7: entry, 0: null },
      secureBoot: false,
      keys: { dbx: null },
    });
    const settings = settingsOf(made);
    expect(settings).toMatchObject({ bootOrder: [7, 1], bootNext: 7, secureBoot: false });
    expect(settings.bootEntries[7]).toMatchObject({ description: entry.description, attributes: 1 });
    expect(settings.bootEntries[0]).toBeUndefined();
    expect(settings.keys.dbx).toEqual([]);
    expect(settings.keys.db.length).toBe(settingsOf(before).keys.db.length);
    expect(settingsOf(changed(made, { bootNext: null })).bootNext).toBeUndefined();
    expect(settingsOf(changed(before, { keys: { PK: null } })).secureBoot).toBe(false);
  });

  it('refuses a malformed value by the name of its variable', () => {
    const odd = before.map((variable) =>
      variable.name === 'Boot0000' ? { ...variable, data: variable.data.subarray(0, 5) } : variable,
    );
    expect(() => settingsOf(odd)).toThrow(
      'variable Boot0000: the length of its device path needs 2 bytes at offset 4, there are 1',
    );
  });
});

describe('the difference of two stores', () => {
  it('is what the boot from the network added', () => {
    const lines = differenceOf(before, after).map(
      ({ name, before: old = '-', after: now = '-' }) => `${name}: ${old} → ${now}`,
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "MTC: 01000000 → 02000000",
        "ConOut: PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x1)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88) → PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),PciRoot(0x0)/Pci(0x1,0x0)/AcpiAdr(0x80010100)",
        "ConIn: PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0303,0x0),PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x1)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),Path(3,15,FFFFFFFF030101) → PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0303,0x0),PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),Path(3,15,FFFFFFFF030101)",
        "ErrOut: PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88),PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x1)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88) → PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/Uart(115200,8,N,1)/VenMsg(ad15a0d6-8bec-4acf-a073-d01de77e2d88)",
        "Boot0001: UEFI QEMU HARDDISK QM00001 : PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0) → UEFI PXEv4 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400000001,0x1)/IPv4(0.0.0.0)",
        "525400000001: - → 3a5001001000afaf040000000100000000000000",
        "525400000001: - → 57ffa379fc2103003400afaf08000000010000003000afaf0400000002000000… (60 bytes)",
        "ClientId: - → 0e000001000131e2d782525400000001",
        "Boot0002: - → UEFI PXEv6 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400000001,0x1)/IPv6(0000:0000:0000:0000:0000:0000:0000:0000)",
        "Boot0003: - → UEFI HTTPv4 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400000001,0x1)/IPv4(0.0.0.0)/Uri()",
        "Boot0004: - → UEFI HTTPv6 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400000001,0x1)/IPv6(0000:0000:0000:0000:0000:0000:0000:0000)/Uri()",
        "BootOrder: - → Boot0001, Boot0002, Boot0003, Boot0004, Boot0000",
        "SbatLevel: - → 736261742c312c323032353032313830300a7368696d2c340a677275622c350a",
      ]
    `);
    expect(differenceOf(after, after)).toEqual([]);
  });

  it('names a change, an addition and a removal', () => {
    const guid = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
    const made = changed(before, { bootNext: 3, bootEntries: { 0: null }, secureBoot: false });
    expect(differenceOf(before, made)).toEqual([
      { name: 'Boot0000', guid, before: expect.stringContaining('UiApp: Fv(') as string },
      { name: 'SecureBootEnable', guid: 'f0a30bc7-af08-4556-99c4-001009c93a44', before: 'on', after: 'off' },
      { name: 'BootNext', guid, after: 'Boot0003' },
    ]);
  });

  it('shows a malformed value as what it is', () => {
    const [first] = before.filter(({ name }) => name === 'Boot0000');
    if (first === undefined) throw new Error('expected a Boot0000');
    expect(variableText({ ...first, data: Uint8Array.of(1, 2) })).toBe(
      '0102 (malformed: the attributes of a load option needs 4 bytes at offset 0, there are 2)',
    );
  });
});

describe('device paths', () => {
  // Each as EDK2's own DevicePathToText prints it.
  it.each([
    ['02010c00d041030a00000000 0101060000027fff0400', 'PciRoot(0x0)/Pci(0x2,0x0)'],
    [
      '02010c00d041010500000000 030e130000000000 00c2010000000000080101 7fff0400',
      'Acpi(PNP0501,0x0)/Uart(115200,8,N,1)',
    ],
    ['03120a000000ffff0000 7fff0400', 'Sata(0x0,0xFFFF,0x0)'],
    ['031710000100000000112233445566 77 7fff0400', 'NVMe(0x1,77-66-55-44-33-22-11-00)'],
    ['0305060001027f010400 03050600 0300 7fff0400', 'USB(0x1,0x2),USB(0x3,0x0)'],
    ['031810 0068747470 3a2f2f782f612e65 7fff0400', 'Uri(http://x/a.e)'],
    ['0463060001027fff0400', 'Path(4,99,0102)'],
  ])('%s', (bytes, text) => {
    const path = Buffer.from(bytes.replaceAll(' ', ''), 'hex');
    expect(devicePathText(path)).toBe(text);
  });

  it.each([
    ['', 'the type of a device path node needs 1 bytes'],
    ['01010600', 'the device path node at offset 0 needs 2 bytes'],
    ['01010200', 'the device path node at offset 0 has 2 bytes'],
    ['010106000002', 'the type of a device path node needs 1 bytes at offset 6'],
  ])('refuses %j by name', (bytes, problem) => {
    expect(() => devicePathText(Buffer.from(bytes, 'hex'))).toThrow(problem);
  });

  it('are total', () => {
    const decoders = [devicePathText, decodeLoadOption, decodeSignatures];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of decoders) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedError);
          }
        }
      }),
    );
  });
});

it('a load option is the same after it was written', () => {
  for (const { name, data } of after.filter((variable) => /^Boot\d{4}$/.test(variable.name)))
    expect(Buffer.compare(encodeLoadOption(decodeLoadOption(data)), data), name).toBe(0);
});
