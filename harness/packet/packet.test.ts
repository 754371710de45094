import { describe, expect, it } from 'vitest';
import { TCP_FLAGS } from './layers.ts';
import { decodeFrame } from './packet.ts';
import { tcpOptions } from './tcp-options.ts';
import { annotated } from './testing/annotated.ts';
import { expectTotal } from './testing/hostile.ts';

const ETHERNET = '525400123456 001f2904770d ; to, from';
const ipv4 = ({ length = '0020', flags = '0000', protocol = '11', ihl = '45', options = '' } = {}): string => `
  ${ihl} 00 ${length}       ; version and header length, total length
  1234 ${flags} 40 ${protocol} 0000 ; identification, flags and offset, ttl, protocol, checksum
  ac1634cf ac1634de ${options}
`;
const UDP = '0045 0044 000c 0000 ; ports 69 to 68, length 12';
const TCP_OPTIONS = '020405b4 01 030308 0402 0000'; // MSS 1460, no-op, window scale 8, SACK permitted, end
const TCP = `01bd c00c 00000005 fffffff9 80 12 2000 0000 0000 ${TCP_OPTIONS} ; ports 445 to 49164, SYN ACK, window 8192`;
const UDP_FRAME = `${ETHERNET}
  0800 ${ipv4()} ${UDP}
  01020304`;
const TCP_FRAME = `${ETHERNET}
  0800 ${ipv4({ length: '0037', protocol: '06' })} ${TCP}
  aabbcc`;
const IPV6_FRAME = `${ETHERNET}
  86dd 60000000 0014 00 40  ; version 6, payload 20, hop by hop next, hop limit
  fe80 .. 13 01 20010db8 .. 11 02
  11 00 01 04 00000000      ; hop by hop: next UDP, PadN
  0222 0223 000c 0000       ; ports 546, 547, length 12
  01020304`;

describe('decodeFrame', () => {
  it('reads Ethernet, IPv4 and UDP', () => {
    const packet = decodeFrame(annotated(UDP_FRAME), 1);
    expect(packet.ethernet).toMatchObject({
      source: '00:1f:29:04:77:0d',
      destination: '52:54:00:12:34:56',
      etherType: 0x0800,
      vlans: [],
    });
    expect(packet.ipv4).toMatchObject({
      source: '172.22.52.207',
      destination: '172.22.52.222',
      protocol: 17,
      ttl: 64,
      identification: 0x1234,
      fragment: undefined,
    });
    expect(packet.udp).toEqual({ offset: 34, sourcePort: 69, destinationPort: 68, length: 12 });
    expect(packet).toMatchObject({ payload: Uint8Array.of(1, 2, 3, 4), payloadLength: 4, malformed: undefined });
  });

  it('reads TCP with its flags and options', () => {
    const packet = decodeFrame(annotated(TCP_FRAME), 1);
    expect(packet.tcp).toMatchObject({
      sourcePort: 445,
      destinationPort: 49164,
      sequence: 5,
      acknowledgement: 0xfffffff9,
      flags: TCP_FLAGS.syn | TCP_FLAGS.ack,
      window: 8192,
    });
    expect(tcpOptions(packet.tcp?.options ?? new Uint8Array(0))).toEqual({
      mss: 1460,
      windowScale: 8,
      sackPermitted: true,
    });
    expect(packet.payload).toEqual(Uint8Array.of(0xaa, 0xbb, 0xcc));
  });

  it('reads IPv6 through its extension headers', () => {
    const packet = decodeFrame(annotated(IPV6_FRAME), 1);
    expect(packet.ipv6).toMatchObject({ source: 'fe80::1', destination: '2001:db8::2', protocol: 17, hopLimit: 64 });
    expect(packet).toMatchObject({
      udp: { sourcePort: 546, destinationPort: 547 },
      payload: Uint8Array.of(1, 2, 3, 4),
    });
  });

  it('cuts the padding that Ethernet adds to short frames', () => {
    expect(decodeFrame(annotated(`${UDP_FRAME} .. 14`), 1)).toMatchObject({
      payload: Uint8Array.of(1, 2, 3, 4),
      payloadLength: 4,
    });
    expect(
      decodeFrame(
        annotated(`${ETHERNET}
      0800 ${ipv4({ length: '0028', protocol: '06' })} 01bd c00c 00000005 00000009 50 10 2000 0000 0000 .. 6`),
        1,
      ).payload,
    ).toHaveLength(0);
  });

  it('knows the length on the wire of what the capture trimmed', () => {
    const frame = annotated(`${ETHERNET}
      0800 ${ipv4({ length: '05dc' })} 0045 0044 05c8 0000 0003`);
    expect(decodeFrame(frame, 1, 1514)).toMatchObject({
      payload: Uint8Array.of(0, 3),
      payloadLength: 1472,
      malformed: undefined,
    });
  });

  it('takes a total length of zero as a super-frame that goes as far as the capture', () => {
    expect(decodeFrame(annotated(UDP_FRAME.replace('00 0020 ', '00 0000 ')), 1)).toMatchObject({
      payloadLength: 4,
      malformed: undefined,
    });
  });

  it('reads VLAN tags', () => {
    const packet = decodeFrame(annotated(UDP_FRAME.replace('0800 ', '88a8 0064 8100 600a 0800 ')), 1);
    expect(packet.ethernet).toMatchObject({ vlans: [100, 10], etherType: 0x0800 });
    expect(packet.udp?.sourcePort).toBe(69);
  });

  it('skips IPv4 options', () => {
    expect(
      decodeFrame(
        annotated(`${ETHERNET}
      0800 ${ipv4({ length: '0024', ihl: '46', options: '94040000' })} ${UDP}
      01020304`),
        1,
      ),
    ).toMatchObject({ udp: { sourcePort: 69 }, payloadLength: 4 });
  });

  it('flags fragments: the first shows its ports, later ones are data', () => {
    const first = decodeFrame(
      annotated(`${ETHERNET}
      0800 ${ipv4({ flags: '2000' })} 0045 0044 2000 0000
      01020304`),
      1,
    );
    expect(first).toMatchObject({
      ipv4: { fragment: { offset: 0, more: true } },
      udp: { sourcePort: 69 },
      payloadLength: 4,
      malformed: undefined,
    });
    const later = decodeFrame(
      annotated(`${ETHERNET}
      0800 ${ipv4({ flags: '00b9' })} 0102030405060708 090a0b0c`),
      1,
    );
    expect(later).toMatchObject({
      ipv4: { fragment: { offset: 1480, more: false } },
      udp: undefined,
      payloadLength: 12,
    });
  });

  it.each([
    [113, 'Linux cooked', '0000 0001 0006 001f2904770d 0000 0800'],
    [276, 'Linux cooked v2', '0800 0000 00000003 0001 00 06 001f2904770d 0000'],
  ])('reads link type %i (%s), which knows the sender only', (linkType, _, head) => {
    const packet = decodeFrame(
      annotated(`${head} ${ipv4()} ${UDP}
      01020304`),
      linkType,
    );
    expect(packet).toMatchObject({
      ethernet: { source: '00:1f:29:04:77:0d', destination: '' },
      udp: { destinationPort: 68 },
      payloadLength: 4,
    });
  });

  it.each([101, 12])('reads link type %i (raw IP)', (linkType) => {
    expect(
      decodeFrame(
        annotated(`${ipv4()} ${UDP}
      01020304`),
        linkType,
      ),
    ).toMatchObject({ ethernet: undefined, ipv4: { source: '172.22.52.207' }, udp: { destinationPort: 68 } });
  });

  it.each([
    [
      'a header that is cut',
      annotated(UDP_FRAME).subarray(0, 20),
      'ipv4',
      'the header has 20 bytes but there are only 6',
    ],
    [
      'a header length below 20',
      annotated(UDP_FRAME.replace('45 00', '44 00')),
      'ipv4',
      'the header length is at least 20, got 16',
    ],
    [
      'a total length below the header',
      annotated(UDP_FRAME.replace('00 0020 ', '00 0013 ')),
      'ipv4',
      "total length 19 is less than the header's 20",
    ],
    [
      'a total length beyond the frame',
      annotated(UDP_FRAME.replace('00 0020 ', '00 0021 ')),
      'ipv4',
      "total length 33 is more than the frame's 32",
    ],
    [
      'a UDP length beyond IP',
      annotated(UDP_FRAME.replace('000c', '000d')),
      'udp',
      'length 13 is more than the 12 bytes that IP carries',
    ],
    [
      'a UDP length below its header',
      annotated(UDP_FRAME.replace('000c', '0007')),
      'udp',
      "length 7 is less than the header's 8",
    ],
    [
      'a TCP header length beyond IP',
      annotated(`${ETHERNET}
      0800 ${ipv4({ length: '0028', protocol: '06' })} 01bd c00c 00000005 00000009 f0 10 2000 0000 0000`),
      'tcp',
      'the header has 60 bytes but there are only 20',
    ],
  ])('keeps the layers before %s', (_, frame, protocol, reason) => {
    const packet = decodeFrame(frame, 1, frame.length);
    expect(packet.malformed).toMatchObject({ protocol, reason });
    expect(packet.ethernet?.etherType).toBe(0x0800);
  });

  it('bounds a chain of extension headers', () => {
    const header = annotated('00 00 01 04 00000000');
    const frame = Buffer.concat([annotated(IPV6_FRAME).subarray(0, 54), ...new Array<Uint8Array>(40).fill(header)]);
    frame.writeUInt16BE(40 * 8, 18);
    expect(decodeFrame(frame, 1)).toMatchObject({
      malformed: { protocol: 'ipv6', reason: 'more than 16 extension headers' },
    });
  });

  it.each([1, 113, 276, 101])('is total for link type %i', (linkType) => {
    expectTotal((bytes) => decodeFrame(bytes, linkType), [UDP_FRAME, TCP_FRAME, IPV6_FRAME].map(annotated));
    expectTotal(tcpOptions, [annotated('020405b4 01 030308 0402 080a 00000001 00000002')]);
  });
});
