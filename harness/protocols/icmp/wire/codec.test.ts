import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeIcmp } from './codec.ts';

// Frame 16 of a boot of iPXE against a host whose TFTP server is down.
const PORT_UNREACHABLE = `
  03 03 5f1a 00000000 ; destination unreachable, port unreachable
  45 00 0047 0007 0000 40 11 0000 0a4d0064 0a4d0001 ; IPv4, UDP, 10.77.0.100 to 10.77.0.1
  07fb 0045 0033 0000 ; from port 2043 to port 69`;
const TOO_BIG_V6 = `
  02 00 0000 000004d0 ; packet too big, MTU 1232
  60000000 05b4 11 40 ; IPv6, UDP
  fd77 .. 13 01 fd77 .. 13 64 ; fd77::1 to fd77::64
  8235 07fb 05b4 0000`;

describe('decodeIcmp', () => {
  it('reads an error, and the ends of the packet that it is about', () => {
    expect(decodeIcmp(annotated(PORT_UNREACHABLE), 4)).toEqual({
      kind: 'icmp',
      version: 4,
      type: 3,
      code: 3,
      unreachable: 'port-unreachable',
      quoted: {
        protocol: 17,
        from: { ip: '10.77.0.100', port: 2043 },
        to: { ip: '10.77.0.1', port: 69 },
      },
    });
    expect(decodeIcmp(annotated(TOO_BIG_V6), 6)).toMatchObject({
      unreachable: 'fragmentation-needed',
      mtu: 1232,
      quoted: { protocol: 17, from: { ip: 'fd77::1', port: 33_333 }, to: { ip: 'fd77::64', port: 2043 } },
    });
  });

  it.each([
    [4, 3, 0, 'net-unreachable'],
    [4, 3, 1, 'host-unreachable'],
    [4, 3, 2, 'protocol-unreachable'],
    [4, 3, 4, 'fragmentation-needed'],
    [4, 3, 13, 'admin-prohibited'],
    [4, 11, 0, 'time-exceeded'],
    [4, 8, 0, undefined],
    [6, 1, 0, 'net-unreachable'],
    [6, 1, 1, 'admin-prohibited'],
    [6, 1, 3, 'host-unreachable'],
    [6, 1, 4, 'port-unreachable'],
    [6, 3, 0, 'time-exceeded'],
    [6, 133, 0, undefined],
  ] as const)('version %d, type %d, code %d: %s', (version, type, code, unreachable) => {
    const bytes = annotated(PORT_UNREACHABLE);
    bytes.set([type, code]);
    expect(decodeIcmp(bytes, version)).toMatchObject(unreachable === undefined ? { type, code } : { unreachable });
  });

  it('takes no ports from a later fragment, nor from another protocol', () => {
    const bytes = annotated(PORT_UNREACHABLE);
    bytes.set([0, 185], 8 + 6);
    expect(decodeIcmp(bytes, 4)).toMatchObject({ quoted: { from: { port: 0 }, to: { ip: '10.77.0.1', port: 0 } } });
    bytes.set([0, 0], 8 + 6);
    bytes.set([47], 8 + 9);
    expect(decodeIcmp(bytes, 4)).toMatchObject({ quoted: { protocol: 47, to: { port: 0 } } });
  });

  it('is total', () => {
    expectTotal((bytes) => decodeIcmp(bytes, 4), [annotated(PORT_UNREACHABLE)]);
    expectTotal((bytes) => decodeIcmp(bytes, 6), [annotated(TOO_BIG_V6)]);
  });
});
