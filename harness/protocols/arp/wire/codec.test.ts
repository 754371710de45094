import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeArp } from './codec.ts';

const REPLY = `0001 0800 06 04 0002 ; Ethernet, IPv4, 6 and 4 bytes, reply
  001f2904770d ac1634cf 525400123456 ac1634de
  .. 18             ; padding to the Ethernet minimum of 60
`;

describe('decodeArp', () => {
  it('reads a reply', () => {
    expect(decodeArp(annotated(REPLY))).toEqual({
      kind: 'arp',
      operation: 2,
      senderMac: '00:1f:29:04:77:0d',
      senderIp: '172.22.52.207',
      targetMac: '52:54:00:12:34:56',
      targetIp: '172.22.52.222',
    });
  });

  it.each([
    ['0001 0800 06 04 0002', 'a message has 28 bytes but there are only 8'],
    [REPLY.replace('0001', '0006'), 'expected Ethernet (1), IPv4 (0x800) and lengths 6 and 4, got 6, 0x800, 6 and 4'],
  ])('names what it cannot read', (bytes, reason) => {
    expect(decodeArp(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'arp', reason });
  });

  it('is total', () => {
    expectTotal(decodeArp, [annotated(REPLY)]);
  });
});
