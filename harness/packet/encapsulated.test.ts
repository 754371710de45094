import { describe, expect, it } from 'vitest';
import { decodeFrame, type Packet } from './packet.ts';
import { annotated } from './testing/annotated.ts';
import { asRawIp, inErspan1 } from './testing/encapsulate.ts';
import { ENCAPSULATIONS } from './testing/encapsulations.ts';
import { expectTotal } from './testing/hostile.ts';

const ETHERNET = '525400123456 001f2904770d';
/** IPv4 of 24 bytes in all. */
const ipv4 = (protocol: string, flags = '0000'): string =>
  `${ETHERNET} 0800 4500 0018 0000 ${flags} 40 ${protocol} 0000 0a000001 0a000002`;
const UDP_FRAME = annotated(`${ETHERNET}
  0800 45 00 0020 1234 0000 40 11 0000 ac1634cf ac1634de
  0045 0044 000c 0000 01020304 ; ports 69 to 68`);
const IPV6_FRAME = annotated(`${ETHERNET}
  86dd 60000000 000c 11 40 fe80 .. 13 01 20010db8 .. 11 02
  0045 0044 000c 0000 01020304`);
const FRAMES = [
  { version: 4, frame: UDP_FRAME, source: '172.22.52.207' },
  { version: 6, frame: IPV6_FRAME, source: 'fe80::1' },
] as const;

const sourceOf = (packet: Packet): string | undefined => (packet.ipv4 ?? packet.ipv6)?.source;
const UDP_INSIDE = {
  udp: { sourcePort: 69, destinationPort: 68 },
  payload: Uint8Array.of(1, 2, 3, 4),
  payloadLength: 4,
  malformed: undefined,
  undecoded: undefined,
};

describe.each(FRAMES)('IPv$version is read', ({ version, frame, source }) => {
  it.each(ENCAPSULATIONS.filter((one) => (one.version ?? version) === version))('in $name', (encapsulation) => {
    const { as, linkType, hardware, tunnels = [] } = encapsulation;
    const bytes = as(frame);
    const packet = decodeFrame(bytes, linkType, bytes.length);
    expect(packet).toMatchObject(UDP_INSIDE);
    expect(sourceOf(packet)).toBe(source);
    expect(packet.tunnels ?? []).toMatchObject(tunnels);
    for (const { ip } of packet.tunnels ?? []) expect(ip.source).toBe('192.0.2.1');
    // The hardware addresses of a router are nobody's inside: a client must not be taken for them.
    expect(packet.ethernet?.source).toBe(hardware === 'none' ? undefined : '00:1f:29:04:77:0d');
  });
});

it('raw IP of one version says when it holds the other', () => {
  expect(decodeFrame(asRawIp(IPV6_FRAME), 228).malformed?.reason).toBe('expected version 4, got 6');
});

it('a hostile chain of tunnels has an end', () => {
  let frame: Uint8Array = UDP_FRAME;
  for (let i = 0; i < 9; i++) frame = inErspan1(frame);
  expect(decodeFrame(frame, 1).malformed).toMatchObject({ protocol: 'tunnel', reason: 'more than 8 tunnels' });
});

describe('what may carry IP and is not taken apart is named', () => {
  const cases: readonly (readonly [string, number, Uint8Array])[] = [
    ['link type 105 (IEEE 802.11)', 105, annotated('0801 0000 .. 20')],
    ['link type 9 (PPP)', 9, annotated('ff03 0021 4500')],
    ['link type 4242', 4242, annotated('00')],
    ['PPPoE', 1, annotated(`${ETHERNET} 8864 1100 0001 0002 0021`)],
    ['MPLS', 1, annotated(`${ETHERNET} 8847 00010140 4500`)],
    ['MACsec', 1, annotated(`${ETHERNET} 88e5 0000`)],
    ['GRE with protocol type 0x880b', 1, annotated(`${ipv4('2f')} 0000 880b`)],
    ['GRE version 1 (PPTP)', 1, annotated(`${ipv4('2f')} 3001 880b`)],
    ['GRE with source routes', 1, annotated(`${ipv4('2f')} 4000 0800`)],
    ['IPsec ESP', 1, annotated(`${ipv4('32')} 00000001`)],
    ['GRE in IP fragments', 1, annotated(`${ipv4('2f', '2000')} 00000800`)],
    [
      'VXLAN in IP fragments',
      1,
      annotated(
        `${ETHERNET} 0800 4500 0024 0000 2000 40 11 0000 0a000001 0a000002 c000 12b5 0578 0000 08000000 00002a00`,
      ),
    ],
  ];
  it.each(cases)('%s', (what, linkType, bytes) => {
    expect(decodeFrame(bytes, linkType)).toMatchObject({ undecoded: what, malformed: undefined });
  });
});

it.each([
  ['a GRE key beyond the packet', '2000 0800', 'gre', 'the header has 8 bytes but there are only 4'],
  ['an ERSPAN header beyond the packet', '0000 22eb', 'erspan', 'the header has 12 bytes but there are only 0'],
])('keeps what is before %s', (_, header, protocol, reason) => {
  const frame = annotated(`${ipv4('2f')} ${header}`);
  expect(decodeFrame(frame, 1)).toMatchObject({ malformed: { protocol, reason }, ipv4: { protocol: 47 } });
});

it('a loopback header of another family is neither IP nor damage, unless no byte order makes sense of it', () => {
  expect(decodeFrame(annotated('10000000 aabb'), 0)).toMatchObject({ malformed: undefined, payloadLength: 2 });
  expect(decodeFrame(annotated('01020304 aabb'), 0).malformed?.protocol).toBe('loopback');
  expect(decodeFrame(annotated('0000'), 0).malformed?.reason).toBe('the header has 4 bytes but there are only 2');
});

it('data that a client gets at a port of VXLAN is data: only a whole VXLAN header makes a tunnel', () => {
  const tftpData = annotated(
    `${ETHERNET} 0800 4500 0024 0000 0000 40 11 0000 ac1634cf ac1634de 0405 12b5 0010 0000 0003 0001 00002a00`,
  );
  expect(decodeFrame(tftpData, 1)).toMatchObject({ udp: { destinationPort: 4789 }, payloadLength: 8, tunnels: [] });
});

it.each(ENCAPSULATIONS)('is total: $name', ({ linkType, as }) => {
  expectTotal((bytes) => decodeFrame(bytes, linkType), [as(UDP_FRAME), as(IPV6_FRAME)]);
});
