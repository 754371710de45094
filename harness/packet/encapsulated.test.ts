import { describe, expect, it } from 'vitest';
import { decodeFrame, type Packet } from './packet.ts';
import { annotated } from './testing/annotated.ts';
import {
  asCooked,
  asCooked2,
  asLoopbackBig,
  asLoopbackLittle,
  asRawIp,
  inErspan1,
  inErspan2,
  inErspan3,
  inGre,
  inGreBridge,
  inIp,
  inVxlan,
} from './testing/encapsulate.ts';
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
  ['IPv4', UDP_FRAME, '172.22.52.207'],
  ['IPv6', IPV6_FRAME, 'fe80::1'],
] as const;

const LINK_TYPES: readonly (readonly [string, number, (ethernet: Uint8Array) => Uint8Array])[] = [
  ['loopback of a little-endian host', 0, asLoopbackLittle],
  ['loopback of a big-endian host', 0, asLoopbackBig],
  ['OpenBSD loopback', 108, asLoopbackBig],
  ['OpenBSD loopback, in the wrong order', 108, asLoopbackLittle],
  ['raw IP', 101, asRawIp],
  ['raw IP of a BSD', 12, asRawIp],
  ['raw IP of OpenBSD', 14, asRawIp],
  ['Linux cooked', 113, asCooked],
  ['Linux cooked v2', 276, asCooked2],
];

const TUNNELS: readonly (readonly [string, (ethernet: Uint8Array) => Uint8Array, object])[] = [
  ['VXLAN', inVxlan, { protocol: 'VXLAN', id: 42 }],
  ['GRE', inGre, { protocol: 'GRE', id: undefined }],
  ['GRE with a key', (frame) => inGre(frame, 0x1_0007), { protocol: 'GRE', id: 0x1_0007 }],
  ['GRE that bridges Ethernet', inGreBridge, { protocol: 'GRE', id: undefined }],
  ['ERSPAN type I', inErspan1, { protocol: 'ERSPAN', id: undefined }],
  ['ERSPAN type II', inErspan2, { protocol: 'ERSPAN', id: 100 }],
  ['ERSPAN type III', inErspan3, { protocol: 'ERSPAN', id: 100 }],
  ['IP in IP', inIp, { protocol: 'IP in IP', id: undefined }],
];
const BRIDGES = new Set(['VXLAN', 'GRE that bridges Ethernet', 'ERSPAN type I', 'ERSPAN type II', 'ERSPAN type III']);

const sourceOf = (packet: Packet): string | undefined => (packet.ipv4 ?? packet.ipv6)?.source;
const UDP_INSIDE = {
  udp: { sourcePort: 69, destinationPort: 68 },
  payload: Uint8Array.of(1, 2, 3, 4),
  payloadLength: 4,
  malformed: undefined,
  undecoded: undefined,
};

describe.each(FRAMES)('%s is read', (_, frame, source) => {
  it.each(LINK_TYPES)('by link type: %s', (__, linkType, as) => {
    const bytes = as(frame);
    const packet = decodeFrame(bytes, linkType, bytes.length);
    expect(packet).toMatchObject(UDP_INSIDE);
    expect(sourceOf(packet)).toBe(source);
  });

  it.each(TUNNELS)('inside a tunnel: %s', (name, inside, tunnel) => {
    const bytes = inside(frame);
    const packet = decodeFrame(bytes, 1, bytes.length);
    expect(packet).toMatchObject(UDP_INSIDE);
    expect(sourceOf(packet)).toBe(source);
    expect(packet.tunnels).toMatchObject([tunnel]);
    expect(packet.tunnels?.map(({ ip }) => ip.source)).toEqual(['192.0.2.1']);
    // The hardware addresses of a router are nobody's inside: a client must not be taken for them.
    expect(packet.ethernet?.source).toBe(BRIDGES.has(name) ? '00:1f:29:04:77:0d' : undefined);
  });
});

it('raw IP of one version says which', () => {
  expect(decodeFrame(asRawIp(UDP_FRAME), 228)).toMatchObject(UDP_INSIDE);
  expect(decodeFrame(asRawIp(IPV6_FRAME), 229)).toMatchObject(UDP_INSIDE);
  expect(decodeFrame(asRawIp(IPV6_FRAME), 228).malformed?.reason).toBe('expected version 4, got 6');
});

it('a tunnel in a tunnel is entered, and a hostile chain of them has an end', () => {
  expect(decodeFrame(inVxlan(inGreBridge(UDP_FRAME)), 1)).toMatchObject({
    ...UDP_INSIDE,
    tunnels: [{ protocol: 'VXLAN' }, { protocol: 'GRE' }],
  });
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

it.each(LINK_TYPES)('is total: %s', (_, linkType, as) => {
  expectTotal((bytes) => decodeFrame(bytes, linkType), [as(UDP_FRAME), as(IPV6_FRAME)]);
});

it.each(TUNNELS)('is total: %s', (_, inside) => {
  expectTotal((bytes) => decodeFrame(bytes, 1), [inside(UDP_FRAME), inVxlan(inside(IPV6_FRAME))]);
});
