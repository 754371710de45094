import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv6At, macText } from '../../../packet/addresses.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { encodeNdp } from '../testing/encode.ts';
import { decodeNdp } from './codec.ts';
import { dissectNdp } from './dissect.ts';
import type { NdpMessage, NdpOption } from './message.ts';

// Frames 3, 39 and 40 of a boot of EDK2 over IPv6, and what radvd adds for DNS and routes.
const ROUTER = `86 00 eeda 40 c0 0708 00000000 00000000  ; hop limit 64, M and O, 1800 s
  03 04 40 80 00000708 00000708 00000000 fd77 .. 14  ; fd77::/64, on link
  05 01 0000 000005dc                                ; MTU 1500
  01 01 c6547db6d5ff                                 ; source link-layer address
  19 03 0000 00000258 fd77 .. 13 01                  ; DNS fd77::1 for 600 s
  18 02 40 08 00000708 fd78 .. 6                     ; route to fd78::/64, high`;
const ASKED = '87 00 0000 00000000 fd77 .. 13 01 01 01 525400770001';
const ANSWERED = '88 00 0000 60000000 fd77 .. 13 01 02 01 c6547db6d5ff';

describe('decodeNdp', () => {
  it('reads what a router advertises', () => {
    expect(decodeNdp(annotated(ROUTER))).toEqual({
      kind: 'ndp',
      type: 'router-advertisement',
      code: 0,
      hopLimit: 64,
      managed: true,
      other: true,
      lifetimeSeconds: 1800,
      reachableMs: 0,
      retransMs: 0,
      options: [
        {
          kind: 'prefix',
          prefix: 'fd77::',
          length: 64,
          onLink: true,
          autonomous: false,
          validSeconds: 1800,
          preferredSeconds: 1800,
        },
        { kind: 'mtu', mtu: 1500 },
        { kind: 'source-link-layer', mac: 'c6:54:7d:b6:d5:ff' },
        { kind: 'dns-servers', lifetimeSeconds: 600, servers: ['fd77::1'] },
        { kind: 'route', prefix: 'fd78::', length: 64, preference: 1, lifetimeSeconds: 1800 },
      ],
    });
  });

  it('reads a question and its answer', () => {
    expect(decodeNdp(annotated(ASKED))).toMatchObject({ type: 'neighbour-solicitation', target: 'fd77::1' });
    expect(decodeNdp(annotated(ANSWERED))).toMatchObject({
      type: 'neighbour-advertisement',
      target: 'fd77::1',
      router: false,
      solicited: true,
      override: true,
      options: [{ kind: 'target-link-layer', mac: 'c6:54:7d:b6:d5:ff' }],
    });
  });

  it.each([
    ['80 00 0000', 'expected an ICMPv6 type of 133, 134, 135, 136, got 128'],
    ['87 00 0000 00000000 fd77', 'target address needs 16 bytes but only 2 remain'],
    ['85 00 0000 00000000 01 00 525400770001', 'option 1 has length 0'],
    ['85 00 0000 00000000 01 02 525400770001', 'option 1 needs 14 bytes but only 6 remain'],
    ['85 00 0000 00000000 03 01 .. 6', 'option 3: preferred lifetime needs 4 bytes but only 0 remain'],
  ])('names what it cannot read', (bytes, reason) => {
    expect(decodeNdp(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'ndp', reason });
  });

  it('is total, and so is what people read', () => {
    const valid = [ROUTER, ASKED, ANSWERED].map(annotated);
    expectTotal(decodeNdp, valid);
    expectTotal(dissectNdp, valid);
  });
});

it('a message in words', () => {
  expect(dissectNdp(annotated(ROUTER)).summary).toBe('NDP router advertisement, flags MO, prefix fd77::/64');
  expect(dissectNdp(annotated(ASKED)).summary).toBe('NDP neighbour solicitation for fd77::1');
  expect(dissectNdp(annotated(ANSWERED)).layers[0]?.fields.map(({ name, value }) => `${name}: ${value}`)).toContain(
    'option target-link-layer: mac c6:54:7d:b6:d5:ff',
  );
});

const u32 = fc.nat(0xffff_ffff);
const address = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ipv6At(bytes));
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macText);
const option: fc.Arbitrary<NdpOption> = fc.oneof(
  fc.record({ kind: fc.constant('source-link-layer' as const), mac }),
  fc.record({ kind: fc.constant('target-link-layer' as const), mac }),
  fc.record({
    kind: fc.constant('prefix' as const),
    prefix: address,
    length: fc.nat(128),
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    validSeconds: u32,
    preferredSeconds: u32,
  }),
  fc.record({ kind: fc.constant('mtu' as const), mtu: u32 }),
  fc.record({
    kind: fc.constant('route' as const),
    prefix: address,
    length: fc.nat(128),
    preference: fc.nat(3),
    lifetimeSeconds: u32,
  }),
  fc.record({
    kind: fc.constant('dns-servers' as const),
    lifetimeSeconds: u32,
    servers: fc.array(address, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('other' as const),
    type: fc.integer({ min: 26, max: 255 }),
    data: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  }),
);
const common = { kind: fc.constant('ndp' as const), code: fc.nat(255), options: fc.array(option, { maxLength: 4 }) };
const message: fc.Arbitrary<NdpMessage> = fc.oneof(
  fc.record({ ...common, type: fc.constant('router-solicitation' as const) }),
  fc.record({
    ...common,
    type: fc.constant('router-advertisement' as const),
    hopLimit: fc.nat(255),
    managed: fc.boolean(),
    other: fc.boolean(),
    lifetimeSeconds: fc.nat(0xffff),
    reachableMs: u32,
    retransMs: u32,
  }),
  fc.record({ ...common, type: fc.constant('neighbour-solicitation' as const), target: address }),
  fc.record({
    ...common,
    type: fc.constant('neighbour-advertisement' as const),
    target: address,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
  }),
);

it('every message decodes to what it was written from', () => {
  fc.assert(
    fc.property(message, (one) => {
      expect(decodeNdp(encodeNdp(one))).toEqual(one);
    }),
  );
});
