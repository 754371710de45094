import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES, architectureName, bootFileArchitectures, firmwareOf, processorOf } from './architectures.ts';
import { ipxeFeatures, ipxeOptionName } from './ipxe.ts';
import type { DhcpMessage } from './message.ts';
import { describeOption } from './option-registry.ts';
import { optionIp, optionU8 } from './options.ts';
import { pxeMenu } from './pxe-menu.ts';
import {
  bootItem,
  bootItemOption,
  bootMenuOption,
  bootServersOption,
  menuPromptOption,
  hasPxeSubOption,
  pxeVendorOptions,
} from './pxe-vendor.ts';
import {
  architectureOptions,
  clientArchitectures,
  clientMachineIdentifier,
  formatVendorClass,
  machineIdentifierOption,
} from './pxe.ts';
import { userClasses } from './user-class.ts';
import { wdsBootProgramData, wdsBootProgramOption, wdsValues } from './wds.ts';
import { decodeDhcp, encodeDhcp } from './codec.ts';
import { decodeSubOptions, encodeSubOptions } from './sub-options.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

/** A message that went over the wire with these options. */
const sent = (...options: { code: number; data: Uint8Array }[]): DhcpMessage =>
  decodeDhcp(encodeDhcp({ op: 1, xid: 1, options })) as DhcpMessage;
const with43 = (text: string): DhcpMessage => sent({ code: 43, data: annotated(text) });

it('the vendor class (option 60) is written as PXE 2.1 defines it', () =>
  expect(formatVendorClass({ client: 'PXEClient', architecture: 7, undi: { major: 3, minor: 16 } })).toBe(
    'PXEClient:Arch:00007:UNDI:003016',
  ));

describe('options 93, 94, 97', () => {
  it('are what RFC 4578 says', () => {
    const message = sent(
      ...architectureOptions(7, { major: 3, minor: 10 }),
      machineIdentifierOption('00112233-4455-6677-8899-aabbccddeeff'),
    );
    expect(clientArchitectures(message)).toEqual([7]);
    expect(message.options[1]?.data).toEqual(annotated('01 03 0a'));
    expect(clientMachineIdentifier(message)).toBe('00112233-4455-6677-8899-aabbccddeeff');
    expect(message.options[2]?.data).toEqual(annotated('00 33221100 5544 7766 8899aabbccddeeff'));
    expect(clientMachineIdentifier(sent({ code: 97, data: new Uint8Array(16) }))).toMatchObject({
      reason: 'option 97 must be type 0 and 16 bytes but is 16 bytes of type 0',
    });
  });

  it('name architectures as IANA does after errata 4624', () => {
    expect([0, 7, 9, 11, 16].map(architectureName)).toEqual([
      'x86 BIOS',
      'x64 UEFI',
      'EBC UEFI',
      'ARM64 UEFI',
      'x64 UEFI HTTP',
    ]);
    expect(architectureName(999)).toBe('unassigned architecture 999');
  });

  it('say firmware and processor', () => {
    expect(Object.values(ARCHITECTURES).map((one) => [firmwareOf(one), processorOf(one)])).toEqual([
      ['bios', 'x86'],
      ['uefi', 'x86'],
      ['uefi', 'x64'],
      ['uefi', 'arm64'],
      ['uefi', 'x64'],
      ['uefi', 'arm64'],
    ]);
    expect([processorOf(27), processorOf(999)]).toEqual([undefined, undefined]);
  });

  it('are two numbers for x64 UEFI, whose boot files serve both', () =>
    expect([0, 7, 9].map(bootFileArchitectures)).toEqual([[0], [7, 9], [9, 7]]));
});

describe('option 43', () => {
  const VENDOR = `
    06 01 08                     ; discovery control: boot file at once
    07 04 e0000102               ; discovery multicast address
    08 0e 0001 01 ac1634cf 8000 01 c0a80001 ; boot servers: type 1, one address; type 0x8000, one
    09 11 0000 05 "Local" 0001 06 "Remote"  ; boot menu
    0a 08 0a "Press F"           ; prompt: 10 s
    0b 08 e0000200 0001 0010     ; multicast block
    47 04 0001 0000              ; boot item
    ff`;

  it('carries the sub-options of PXE 2.1', () => {
    const vendor = pxeVendorOptions(with43(VENDOR));
    if (!vendor) throw new Error('option 43 is not there');
    expect(vendor.malformed).toBeUndefined();
    expect(optionU8(vendor, 6)).toBe(8);
    expect(optionIp(vendor, 7)).toBe('224.0.1.2');
    expect(bootItem(vendor)).toEqual({ type: 1, layer: 0 });
  });

  it('is written as its sub-options are listed', () => {
    const options = [
      { code: 6, data: Uint8Array.of(8) },
      { code: 7, data: Uint8Array.of(224, 0, 1, 2) },
      bootServersOption([
        { type: 1, ips: ['172.22.52.207'] },
        { type: 0x8000, ips: ['192.168.0.1'] },
      ]),
      bootMenuOption([
        { type: 0, description: 'Local' },
        { type: 1, description: 'Remote' },
      ]),
      menuPromptOption({ timeoutS: 10, text: 'Press F' }),
      { code: 11, data: annotated('e0000200 0001 0010') },
      bootItemOption({ type: 1, layer: 0 }),
    ];
    expect(encodeSubOptions(options)).toEqual(annotated(VENDOR));
  });

  it('has a menu with its servers, its prompt and its restrictions', () => {
    expect(pxeMenu(with43(VENDOR))).toEqual({
      items: [
        { type: 0, description: 'Local' },
        { type: 1, description: 'Remote' },
      ],
      servers: [
        { type: 1, ips: ['172.22.52.207'] },
        { type: 0x8000, ips: ['192.168.0.1'] },
      ],
      prompt: { timeoutS: 10, text: 'Press F' },
      discoveryControl: 8,
    });
    expect(pxeMenu(with43('06 01 08'))).toBeUndefined();
    expect(pxeMenu(with43('09 04 0001 09 41'))).toMatchObject({
      reason: 'description needs 9 bytes but only 1 remain',
    });
  });

  it('ends with its length when it has no end mark', () => {
    expect(pxeVendorOptions(with43('47 04 0001 0000'))?.malformed).toBeUndefined();
  });

  it('never shows malformed as absent', () => {
    const vendor = pxeVendorOptions(with43('47 02 0001 0a 09 00'));
    if (!vendor) throw new Error('option 43 is not there');
    expect(vendor.malformed).toMatchObject({
      protocol: 'pxe',
      reason: 'sub-option 10 claims 9 bytes but only 1 remain',
    });
    expect(bootItem(vendor)).toMatchObject({ reason: 'boot item layer needs 2 bytes but only 0 remain' });
    expect([71, 10, 9].map((code) => hasPxeSubOption(with43('47 02 0001 0a 09 00'), code))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is total', () => {
    const all = (bytes: Uint8Array): unknown => {
      const vendor = decodeSubOptions(bytes);
      return [vendor, bootItem(vendor)];
    };
    expectTotal(all, [annotated(VENDOR)]);
  });
});

describe('option 250', () => {
  it('carries what wdsnbp and the server tell each other (WdsBp.h)', () => {
    const message = sent({
      code: 250,
      data: annotated(
        '01 02 0007 02 01 01 03 02 000a 05 04 00000005 06 05 "wait" 00 07 01 00 09 04 ac1634cf 63 01 aa 08 02 0001 ff',
      ),
    });
    expect(wdsBootProgramData(message)?.options.map(({ name, value }) => [name, value])).toEqual([
      ['architecture', 7],
      ['nextAction', 1],
      ['pollInterval', 10],
      ['requestId', 5],
      ['message', 'wait'],
      ['versionQuery', true],
      ['referralServer', '172.22.52.207'],
      ['sub-option 99', undefined],
      [
        'serverVersion',
        expect.objectContaining({
          kind: 'malformed',
          reason: 'sub-option 8 (serverVersion) must have 4 bytes but has 2',
        }),
      ],
    ]);
  });

  it('is written from values by name', () => {
    const values = {
      nextAction: 1,
      pollInterval: 5,
      requestId: 0xfffffffe,
      message: 'en attente',
      versionQuery: true,
      referralServer: '172.22.52.207',
    } as const;
    expect(
      wdsBootProgramData(sent(wdsBootProgramOption(values)))?.options.map(({ name, value }) => [name, value]),
    ).toEqual(Object.entries(values));
    expect(() => wdsBootProgramOption({ nextaction: 1 } as never)).toThrow(
      'wds sub-option: expected one of architecture, nextAction',
    );
    expect(() => wdsBootProgramOption({ nextAction: 256 })).toThrow('expected a number of 1 bytes');
  });

  it('takes numbers in either byte order: WdsBp.h does not say which', () => {
    const option = wdsBootProgramOption({ architecture: 9, requestId: 0x01020304 }, 'little-endian');
    expect(option.data).toEqual(annotated('01 02 0900 05 04 04030201 ff'));
    expect(wdsValues(sent(option), 'little-endian')).toEqual({ architecture: 9, requestId: 0x01020304 });
    expect(wdsValues(sent(option))).toEqual({ architecture: 0x0900, requestId: 0x04030201 });
  });

  it('reads back whatever was written, in both byte orders', () => {
    const number = (bytes: number): fc.Arbitrary<number> => fc.nat(2 ** (8 * bytes) - 1);
    const values = fc.record(
      {
        architecture: number(2),
        nextAction: number(1),
        pollInterval: number(2),
        requestId: number(4),
        message: fc.stringMatching(/^[ -~é]{0,100}$/),
        versionQuery: fc.constant(true as const),
        referralServer: fc.ipV4(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, fc.constantFrom('big-endian' as const, 'little-endian' as const), (written, byteOrder) => {
        expect(wdsValues(sent(wdsBootProgramOption(written, byteOrder)), byteOrder)).toEqual(written);
      }),
    );
  });

  it('gives by name what can be read, the first of each', () => {
    expect(
      wdsValues(sent({ code: 250, data: annotated('02 01 01 02 01 05 08 02 0001 63 01 aa 0c 01 03 ff') })),
    ).toEqual({ nextAction: 1, pxePromptDone: 3 });
    expect(wdsValues(sent())).toBeUndefined();
  });
});

describe('option 77', () => {
  const classes = (bytes: string) => userClasses(sent({ code: 77, data: annotated(bytes) }));

  it('has classes with a length each (RFC 3004), or one class as bare text, as iPXE and Windows write it', () => {
    expect(classes('04 69505845')).toEqual(['iPXE']);
    expect(classes('04 69505845 03 6c6162')).toEqual(['iPXE', 'lab']);
    expect(classes('69505845')).toEqual(['iPXE']);
    // Windows ends its text by a NUL.
    expect(classes('6c616200')).toEqual(['lab']);
    expect(userClasses(sent())).toEqual([]);
  });

  it('with lengths that do not add up is text, and never an error', () => {
    expect(classes('05 69505845')).toEqual(['\u0005iPXE']);
    expectTotal(
      (data) => userClasses({ options: [{ code: 77, data, offset: 0 }] }),
      [annotated('04 69505845 03 6c6162')],
    );
  });
});

describe('option 175', () => {
  it('names the features of an iPXE client and the settings of its server', () => {
    const options = decodeSubOptions(annotated('b1 05 01 8086 100e 13 01 01 11 01 01 24 01 00 b0 01 01'), 'ipxe');
    expect(ipxeFeatures(options)).toEqual(['http', 'iscsi']);
    expect(optionU8(options, 0xb0)).toBe(1);
    expect([0xb0, 0xb1, 0x77].map(ipxeOptionName)).toEqual(['no-pxedhcp', 'bus-id', 'sub-option 119']);
  });
});

describe('sub-options', () => {
  it('decode to what was encoded', () => {
    const list = fc.array(
      fc.record({ code: fc.integer({ min: 1, max: 254 }), data: fc.uint8Array({ maxLength: 40 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(list, (options) => {
        expect(
          decodeSubOptions(encodeSubOptions(options)).options.map(({ code, data }) => ({ code, data: [...data] })),
        ).toEqual(options.map(({ code, data }) => ({ code, data: [...data] })));
      }),
    );
  });
});

describe('describeOption', () => {
  it.each([
    [53, '05', 'option 53 message type', '5'],
    [54, 'ac1634cf', 'option 54 server identifier', '172.22.52.207'],
    [54, 'ac1634', 'option 54 server identifier', 'malformed: ac1634'],
    [
      121,
      '18 0a0000 ac163401 00 ac163402',
      'option 121 classless static routes',
      '10.0.0.0/24 via 172.22.52.1, 0.0.0.0/0 via 172.22.52.2',
    ],
    [93, '0000 0007', 'option 93 client system architecture', '0, 7'],
    [2, 'ffffff00', 'option 2 time offset', '-256'],
    [200, '0102', 'option 200', '0102'],
  ])('shows option %i by its type', (code, data, name, value) => {
    expect(describeOption({ code, offset: 0, data: annotated(data) })).toEqual({ name, value });
  });

  it('is total', () =>
    expectTotal(
      (bytes) => describeOption({ code: bytes[0] ?? 0, offset: 0, data: bytes.subarray(1) }),
      [annotated('79 18 0a0000 ac163401'), annotated('06 08080808')],
    ));
});
