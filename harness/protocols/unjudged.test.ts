import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../packet/packet.ts';
import { annotated } from '../packet/testing/annotated.ts';
import { expectTotal } from '../packet/testing/hostile.ts';
import { inGre, inVxlan } from '../packet/testing/encapsulate.ts';
import { dissect } from './dissect.ts';
import { unjudgedName } from './unjudged.ts';

const ETHERNET = '525400123456 001f2904770d';
/** IPv4 from 10.0.0.1 to 10.0.0.2. */
const ipv4 = (protocol: string, body: string): Uint8Array => {
  const length = (20 + annotated(body).length).toString(16).padStart(4, '0');
  return annotated(`${ETHERNET} 0800 4500 ${length} 0000 0000 40 ${protocol} 0000 0a000001 0a000002 ${body}`);
};
/** IPv6 from fe80::1 to fe80::2. */
const ipv6 = (next: string, body: string): Uint8Array => {
  const length = annotated(body).length.toString(16).padStart(4, '0');
  return annotated(`${ETHERNET} 86dd 60000000 ${length} ${next} 40 fe80 .. 13 01 fe80 .. 13 02 ${body}`);
};
const QUOTED_UDP = '4500 0040 0000 0000 40 11 0000 0a000002 0a000001 0816 0045 002c 0000';
const QUOTED_TCP = '4500 0040 0000 0000 40 06 0000 0a000002 0a000001 c00c 01bd 00000001';

const summary = (bytes: Uint8Array, linkType = 1): string =>
  dissect({ number: 1, atUs: 0, bytes, originalLength: bytes.length }, linkType).summary;

describe('a frame that no machine judges says what it is', () => {
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    [
      'ICMP destination unreachable (port unreachable), 10.0.0.1 to 10.0.0.2, about UDP 10.0.0.2:2070 to 10.0.0.1:69',
      'ICMP',
      ipv4('01', `03 03 0000 00000000 ${QUOTED_UDP}`),
    ],
    [
      'ICMP time exceeded (in transit), 10.0.0.1 to 10.0.0.2, about TCP 10.0.0.2:49164 to 10.0.0.1:445',
      'ICMP',
      ipv4('01', `0b 00 0000 00000000 ${QUOTED_TCP}`),
    ],
    ['ICMP echo request, 10.0.0.1 to 10.0.0.2', 'ICMP', ipv4('01', '08 00 0000 0001 0001')],
    ['ICMP type 42 code 1, 10.0.0.1 to 10.0.0.2', 'ICMP', ipv4('01', '2a 01 0000')],
    ['ICMPv6 echo request, fe80::1 to fe80::2', 'ICMPv6', ipv6('3a', '80 00 0000 00000000')],
    [
      'ICMPv6 destination unreachable (port unreachable), fe80::1 to fe80::2, about UDP fe80::2:546 to fe80::1:547',
      'ICMPv6',
      ipv6('3a', `01 04 0000 00000000 60000000 0008 11 40 fe80 .. 13 02 fe80 .. 13 01 0222 0223 0008 0000`),
    ],
    ['GRE with protocol type 0x880b, 4 bytes', 'GRE with protocol type 0x880b', ipv4('2f', '0000 880b')],
    ['OSPF, 10.0.0.1 to 10.0.0.2, 2 bytes', 'OSPF', ipv4('59', '0201')],
    ['LLDP (Ethernet type 0x88cc), 2 bytes', 'LLDP (Ethernet type 0x88cc)', annotated(`${ETHERNET} 88cc 0207`)],
  ];
  it.each(cases)('%s', (text, name, bytes) => {
    expect(summary(bytes)).toBe(text);
    expect(unjudgedName(decodeFrame(bytes, 1))).toBe(name);
  });

  it('by its link type, when that is all that is known', () => {
    expect(summary(annotated('0801 0000'), 105)).toBe('link type 105 (IEEE 802.11), 4 bytes');
  });

  it('and the tunnels that it came through', () => {
    expect(summary(inVxlan(inGre(ipv4('01', '08 00 0000 0001 0001'), 7)))).toBe(
      'VXLAN 42 | GRE 7 | ICMP echo request, 10.0.0.1 to 10.0.0.2',
    );
  });

  it('whatever the bytes are', () => {
    expectTotal(
      (bytes) => dissect({ number: 1, atUs: 0, bytes, originalLength: bytes.length }, 1),
      cases.map(([, , bytes]) => bytes),
    );
  });
});
