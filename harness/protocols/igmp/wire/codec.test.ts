import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4At } from '../../../packet/addresses.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { encodeIgmp } from '../testing/encode.ts';
import { decodeIgmp } from './codec.ts';
import { dissectIgmp } from './dissect.ts';
import { isBackground, isForwardable, isGroup } from './groups.ts';
import { codeValue, maxRespMs, RECORD_TYPES, type GroupRecord, type IgmpBody, type RecordType } from './message.ts';

// Frame 1 of observe/testdata/kerberos-smbclient.pcap: a Linux bridge joins the group of all snoopers.
const REPORT_V3 = `22 00 f993 0000 0001 ; report, one record
  04 00 0000 e000006a                     ; change to exclude, no sources, 224.0.0.106`;
const QUERY_V3 = `11 8a dedc ef010203     ; (10 | 16) << 3 = 208 tenths of a second, 239.1.2.3
  0a 7d 0002 0a090001 0a090002            ; S, robustness 2, 125 s, two sources`;
const QUERY_V2 = '11 64 ee9b 00000000      ; general, 10 s';
const QUERY_V1 = '11 00 eeff 00000000';
const REPORT_V2 = '16 00 f8fa ef010203';
const REPORT_V1 = '12 00 fcfa ef010203';
const LEAVE = '17 00 f7fa ef010203';
const ALL = [REPORT_V3, QUERY_V3, QUERY_V2, QUERY_V1, REPORT_V2, REPORT_V1, LEAVE];

describe('decodeIgmp', () => {
  it('reads a report of version 3, and its checksum', () => {
    expect(decodeIgmp(annotated(REPORT_V3))).toEqual({
      kind: 'igmp',
      type: 'report',
      version: 3,
      records: [{ type: 'change-to-exclude', group: '224.0.0.106', sources: [], auxiliary: new Uint8Array(0) }],
      checksum: 0xf993,
      rightChecksum: 0xf993,
    });
  });

  it('tells the versions of a query by length and code', () => {
    expect(decodeIgmp(annotated(QUERY_V3))).toMatchObject({
      type: 'query',
      version: 3,
      maxRespCode: 0x8a,
      group: '239.1.2.3',
      suppress: true,
      robustness: 2,
      intervalCode: 125,
      sources: ['10.9.0.1', '10.9.0.2'],
    });
    expect(decodeIgmp(annotated(QUERY_V2))).toMatchObject({ version: 2, maxRespCode: 100, group: '0.0.0.0' });
    expect(decodeIgmp(annotated(QUERY_V1))).toMatchObject({ version: 1, maxRespCode: 0 });
  });

  it('reads reports and leaves of the older versions', () => {
    expect(decodeIgmp(annotated(REPORT_V2))).toMatchObject({ type: 'report', version: 2, group: '239.1.2.3' });
    expect(decodeIgmp(annotated(REPORT_V1))).toMatchObject({ type: 'report', version: 1, group: '239.1.2.3' });
    expect(decodeIgmp(annotated(LEAVE))).toMatchObject({ type: 'leave', version: 2, group: '239.1.2.3' });
    expect(decodeIgmp(annotated('13 01 ecfe'))).toMatchObject({ type: 'other', number: 0x13 });
  });

  it('knows what the checksum has to be, of a message that the capture has whole', () => {
    for (const bytes of ALL.map(annotated)) {
      const { checksum, rightChecksum } = decodeIgmp(bytes) as { checksum: number; rightChecksum: number };
      expect(checksum).toBe(rightChecksum);
    }
    expect(decodeIgmp(annotated(`${REPORT_V2} 00`))).toMatchObject({ checksum: 0xf8fa, rightChecksum: 0xf8fa });
    expect(decodeIgmp(annotated(`${REPORT_V2} 0001`))).toMatchObject({ checksum: 0xf8fa, rightChecksum: 0xf8f9 });
    expect(decodeIgmp(annotated(REPORT_V2), 12)).toMatchObject({ rightChecksum: undefined });
  });

  it('reads the version of a query that the capture cut by its length on the wire', () => {
    expect(decodeIgmp(annotated('11 64 ee9b 00000000'), 12)).toMatchObject({
      kind: 'malformed',
      reason: 'flags needs 1 bytes but only 0 remain',
    });
  });

  it.each([
    ['16 00 f8fa ef01', 'group needs 4 bytes but only 2 remain'],
    ['11 64 ee9b 00000000 00 00', 'a query has 8 bytes, or at least 12, got 10'],
    ['22 00 dd00 0000 0001', 'record type needs 1 bytes but only 0 remain'],
    ['22 00 dd00 0000 ffff 04 00 ffff ef010203', 'source needs 4 bytes but only 0 remain'],
    ['22 00 dd00 0000 0001 04 02 0000 ef010203 00000000', 'auxiliary data needs 8 bytes but only 4 remain'],
  ])('names what it cannot read: %s', (bytes, reason) => {
    expect(decodeIgmp(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'igmp', reason });
  });

  it('is total, and so is what people read', () => {
    const valid = ALL.map(annotated);
    expectTotal(decodeIgmp, valid);
    expectTotal((bytes) => dissectIgmp(bytes, bytes.length), valid);
  });
});

it('times', () => {
  expect([0, 127, 128, 0x8a, 255].map(codeValue)).toEqual([0, 127, 128, 208, 31_744]);
  expect(maxRespMs({ version: 1, maxRespCode: 0 })).toBe(10_000);
  expect(maxRespMs({ version: 2, maxRespCode: 200 })).toBe(20_000);
  expect(maxRespMs({ version: 3, maxRespCode: 0x8a })).toBe(20_800);
});

it('groups', () => {
  const [all, mdns, ssdp, ours, below, above] = [
    ...['224.0.0.1', '224.0.0.251', '239.255.255.250', '239.1.2.3'],
    ...['223.255.255.255', '240.0.0.0'],
  ] as const;
  expect([all, mdns, ssdp, ours, below, above].map(isGroup)).toEqual([true, true, true, true, false, false]);
  expect([all, mdns, ssdp, ours, below, above].map(isForwardable)).toEqual([false, false, true, true, false, false]);
  expect([all, mdns, ssdp, ours, below, above].map(isBackground)).toEqual([true, true, true, false, false, false]);
});

it('a message in words', () => {
  const summary = (text: string): string => dissectIgmp(annotated(text), annotated(text).length).summary;
  expect(ALL.map(summary)).toEqual([
    'IGMPv3 membership report 224.0.0.106 change-to-exclude',
    'IGMPv3 membership query for 239.1.2.3',
    'IGMPv2 membership query',
    'IGMPv1 membership query',
    'IGMPv2 membership report 239.1.2.3',
    'IGMPv1 membership report 239.1.2.3',
    'IGMPv2 leave group 239.1.2.3',
  ]);
  expect(summary('13 01 ecfe')).toBe('IGMP type 0x13');
  const { layers } = dissectIgmp(annotated(REPORT_V2.replace('f8fa', 'f8fb')), 8);
  expect(layers[0]?.fields.map(({ name, value }) => `${name}: ${value}`)).toContain(
    'checksum: 0xf8fb (wrong, expected 0xf8fa)',
  );
});

const byte = fc.nat(255);
const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ipv4At(bytes));
const addresses = fc.array(address, { maxLength: 4 });
const record: fc.Arbitrary<GroupRecord> = fc.record({
  type: fc.oneof(
    fc.constantFrom(...(Object.keys(RECORD_TYPES) as RecordType[])),
    fc.integer({ min: 7, max: 255 }),
    fc.constant(0),
  ),
  group: address,
  sources: addresses,
  auxiliary: fc.oneof(
    fc.constant(new Uint8Array(0)),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)),
  ),
});
const message: fc.Arbitrary<IgmpBody> = fc.oneof(
  fc.record({
    type: fc.constant('query' as const),
    version: fc.constant(1 as const),
    maxRespCode: fc.constant(0),
    group: address,
  }),
  fc.record({
    type: fc.constant('query' as const),
    version: fc.constant(2 as const),
    maxRespCode: fc.integer({ min: 1, max: 255 }),
    group: address,
  }),
  fc.record({
    type: fc.constant('query' as const),
    version: fc.constant(3 as const),
    maxRespCode: byte,
    group: address,
    suppress: fc.boolean(),
    robustness: fc.nat(7),
    intervalCode: byte,
    sources: addresses,
  }),
  fc.record({
    type: fc.constant('report' as const),
    version: fc.constantFrom(1 as const, 2 as const),
    group: address,
  }),
  fc.record({
    type: fc.constant('report' as const),
    version: fc.constant(3 as const),
    records: fc.array(record, { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('leave' as const), version: fc.constant(2 as const), group: address }),
  fc.record({ type: fc.constant('other' as const), number: fc.constantFrom(0x13, 0x14, 0x1e, 0x1f, 0x30) }),
);

it('every message decodes to what it was written from, and a changed bit changes the checksum', () => {
  fc.assert(
    fc.property(message, fc.nat(), (one, seed) => {
      const bytes = encodeIgmp(one);
      const { kind, checksum, rightChecksum, ...body } = decodeIgmp(bytes) as Extract<
        ReturnType<typeof decodeIgmp>,
        { kind: 'igmp' }
      >;
      expect([kind, body]).toEqual(['igmp', one]);
      expect(checksum).toBe(rightChecksum);
      const bit = seed % (bytes.length * 8);
      bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
      const changed = decodeIgmp(bytes);
      if (changed.kind === 'igmp') expect(changed.checksum).not.toBe(changed.rightChecksum);
    }),
  );
});
