import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv6At, macText } from '../../../packet/addresses.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal, fenced } from '../../../packet/testing/hostile.ts';
import { decodeDhcpv6, encodeDhcpv6 } from './codec.ts';
import { dissectDhcpv6 } from './dissect.ts';
import type { Duid } from './duid.ts';
import type { Dhcpv6Message } from './message.ts';
import {
  DHCPV6_OPTIONS,
  type Dhcpv6OptionName,
  type Dhcpv6Value,
  everyOption,
  makeOption,
  malformedOption,
  option,
} from './options.ts';

// Frames 15 and 20 of a boot of EDK2 over IPv6 from dnsmasq.
const SOLICIT = `
  01 aae467                                      ; SOLICIT, transaction id
  0001 000e 0001 0001 31df17bc 525400770001      ; client identifier, DUID-LLT, Ethernet
  0008 0002 0000                                 ; elapsed time
  0003 000c f79eddd7 ffffffff ffffffff           ; IA_NA
  0006 0008 003b 003c 0017 0010                  ; wants boot file URL and parameters, DNS, vendor class
  003e 0003 01 03 00                             ; UNDI 3.0
  003d 0002 0007                                 ; architecture: x64 UEFI
  0010 0026 00000157 0020 "PXEClient:Arch:00007:UNDI:003001"`;
const ADVERTISE = `
  02 aae467
  0001 000e 0001 0001 31df17bc 525400770001
  0002 000e 0001 0001 3298fa8e c6547db6d5ff      ; server identifier
  0003 0028 f79eddd7 0000012c 0000020d           ; IA_NA: T1 300, T2 525
    0005 0018 fd77 .. 12 0100 00000258 00000258  ; fd77::100 for 600 s
  000d 0009 0000 "success"
  0007 0001 00                                   ; preference
  003b 001c "tftp://[fd77::1]/snponly.efi"`;
const RELAYED = `
  0c 00 fd77 .. 13 01 fe80 .. 13 02              ; RELAY-FORW, no hop, link fd77::1, peer fe80::2
  0012 0004 "eth0"                               ; interface identifier
  0009 0008 0b 123456 000e 0000                  ; INFORMATION-REQUEST in a relay message`;

const decoded = (text: string): Dhcpv6Message => {
  const message = decodeDhcpv6(annotated(text));
  if (message.kind !== 'dhcpv6') throw new Error(`expected a client’s or a server’s message, got ${message.kind}`);
  return message;
};

describe('decodeDhcpv6', () => {
  it('reads what a client asks for', () => {
    const message = decoded(SOLICIT);
    expect(message).toMatchObject({ kind: 'dhcpv6', type: 1, transaction: 0xaae467 });
    expect(option(message, 'clientId')).toEqual({
      kind: 'link-layer-time',
      hardwareType: 1,
      time: 0x31df17bc,
      address: '52:54:00:77:00:01',
    });
    expect(option(message, 'iaNa')).toMatchObject({ iaid: 0xf79eddd7, t1: 0xffffffff, options: [] });
    expect(option(message, 'optionRequest')).toEqual([59, 60, 23, 16]);
    expect(option(message, 'architectures')).toEqual([7]);
    expect(option(message, 'networkInterface')).toEqual({ type: 1, major: 3, minor: 0 });
    expect(option(message, 'vendorClass')).toEqual({
      enterprise: 343,
      classes: ['PXEClient:Arch:00007:UNDI:003001'],
    });
    expect(option(message, 'serverId')).toBeUndefined();
  });

  it('reads what a server gives', () => {
    const message = decoded(ADVERTISE);
    const [association] = everyOption(message, 'iaNa');
    expect(association).toMatchObject({ t1: 300, t2: 525 });
    expect(option(association as Dhcpv6Value<'iaNa'>, 'iaAddress')).toMatchObject({
      address: 'fd77::100',
      preferred: 600,
      valid: 600,
    });
    expect(option(message, 'statusCode')).toEqual({ status: 0, message: 'success' });
    expect(option(message, 'bootFileUrl')).toBe('tftp://[fd77::1]/snponly.efi');
  });

  it('reads what a relay passes on', () => {
    const message = decodeDhcpv6(annotated(RELAYED));
    expect(message).toMatchObject({
      kind: 'dhcpv6-relay',
      type: 12,
      hopCount: 0,
      linkAddress: 'fd77::1',
      peerAddress: 'fe80::2',
    });
    if (message.kind === 'malformed') throw new Error(message.reason);
    const inner = option(message, 'relayMessage');
    expect(inner instanceof Uint8Array && decodeDhcpv6(inner)).toMatchObject({ type: 11, transaction: 0x123456 });
  });

  it.each([
    [ADVERTISE.replace('001c', '001d'), 'option 59 needs 29 bytes but only 28 remain'],
    ['01 aae4', 'transaction id needs 2 bytes but only 1 remain'],
    ['0d 00 fe80', 'link address needs 16 bytes but only 2 remain'],
    ['07 000001 00', 'option code needs 2 bytes but only 1 remain'],
  ])('names what it cannot read', (bytes, reason) => {
    expect(decodeDhcpv6(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'dhcpv6', reason });
  });

  it.each([
    ['0008 0001 00', 'option 8: number needs 2 bytes but only 1 remain'],
    ['0008 0003 000000', 'option 8 has 1 bytes more than its format'],
    ['0006 0003 003b00', 'option 6: number needs 2 bytes but only 1 remain'],
    ['0010 0006 00000157 0020', 'option 16: counted bytes needs 32 bytes but only 0 remain'],
    ['0003 0010 .. 12 0005 0018', 'option 3: option 5 needs 24 bytes but only 0 remain'],
    ['0003 0020 .. 12 0005 0010 .. 16', 'option 5: number needs 4 bytes but only 0 remain'],
    ['0018 0002 40 41', 'option 24: a label has at most 63 bytes, got 64'],
  ])('tells an option that does not decode from one that is not there', (bytes, reason) => {
    expect(malformedOption(decoded(`07 000001 ${bytes}`))).toMatchObject({ kind: 'malformed', reason });
  });

  it('is total, and so is what people read', () => {
    const valid = [SOLICIT, ADVERTISE, RELAYED].map(annotated);
    expectTotal(decodeDhcpv6, valid);
    expectTotal(dissectDhcpv6, valid);
  });
});

it('a message in words', () => {
  const { summary, layers } = dissectDhcpv6(annotated(ADVERTISE));
  expect(summary).toBe('DHCPv6 ADVERTISE, fd77::100, file tftp://[fd77::1]/snponly.efi, transaction 0xaae467');
  expect(layers[0]?.fields.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'type: ADVERTISE',
    'transaction: 0xaae467',
    'option 1 client identifier: LLT 52:54:00:77:00:01',
    'option 2 server identifier: LLT c6:54:7d:b6:d5:ff',
    'option 3 IA for non-temporary addresses: iaid 4154383831, t1 300, t2 525',
    'option 3.5 IA address: address fd77::100, preferred 600, valid 600',
    'option 13 status code: Success: success',
    'option 7 preference: 0',
    'option 59 boot file URL: tftp://[fd77::1]/snponly.efi',
  ]);
  expect(dissectDhcpv6(annotated(RELAYED)).summary).toBe(
    'DHCPv6 RELAY-FORW for fe80::2: DHCPv6 INFORMATION-REQUEST, transaction 0x123456',
  );
});

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const address = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((sixteen) => ipv6At(sixteen));
const words = fc.string({ maxLength: 40 });
const hardware = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macText);
const raw = fc.record({ code: u16, data: bytes(20) });
const nested = fc.array(raw, { maxLength: 3 });
const duid: fc.Arbitrary<Duid> = fc.oneof(
  fc.record({ kind: fc.constant('link-layer-time' as const), hardwareType: u16, time: u32, address: hardware }),
  fc.record({ kind: fc.constant('link-layer' as const), hardwareType: u16, address: hardware }),
  fc.record({ kind: fc.constant('enterprise' as const), enterprise: u32, identifier: bytes(20) }),
  fc.record({ kind: fc.constant('uuid' as const), uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }) }),
  fc.record({ kind: fc.constant('other' as const), type: fc.integer({ min: 5, max: 0xffff }), identifier: bytes(20) }),
);
const association = fc.record({ iaid: u32, t1: u32, t2: u32, options: nested });
const label = fc.stringMatching(/^[a-z0-9-]{1,63}$/);

/** Values of every option. */
const VALUES: { readonly [N in Dhcpv6OptionName]: fc.Arbitrary<Dhcpv6Value<N>> } = {
  clientId: duid,
  serverId: duid,
  iaNa: association,
  iaTa: fc.record({ iaid: u32, options: nested }),
  iaAddress: fc.record({ address, preferred: u32, valid: u32, options: nested }),
  optionRequest: fc.array(u16),
  preference: fc.nat(255),
  elapsedTime: u16,
  relayMessage: bytes(60),
  unicast: address,
  statusCode: fc.record({ status: u16, message: words }),
  rapidCommit: fc.constant(true as const),
  userClass: fc.array(words, { maxLength: 3 }),
  vendorClass: fc.record({ enterprise: u32, classes: fc.array(words, { maxLength: 3 }) }),
  vendorOptions: fc.record({ enterprise: u32, options: nested }),
  interfaceId: bytes(20),
  reconfigure: fc.nat(255),
  reconfigureAccept: fc.constant(true as const),
  dnsServers: fc.array(address, { maxLength: 3 }),
  domainList: fc.array(
    fc.array(label, { maxLength: 3 }).map((labels) => labels.join('.')),
    { maxLength: 3 },
  ),
  iaPd: association,
  iaPrefix: fc.record({ preferred: u32, valid: u32, length: fc.nat(255), prefix: address, options: nested }),
  informationRefreshTime: u32,
  bootFileUrl: words,
  bootFileParameters: fc.array(words, { maxLength: 3 }),
  architectures: fc.array(u16, { maxLength: 3 }),
  networkInterface: fc.record({ type: fc.nat(255), major: fc.nat(255), minor: fc.nat(255) }),
  solicitMaxRt: u32,
  informationMaxRt: u32,
};

describe('what the encoder writes, the decoder reads', () => {
  it.each(Object.keys(DHCPV6_OPTIONS) as Dhcpv6OptionName[])('in option %s', (name) => {
    fc.assert(
      fc.property(VALUES[name], (value) => {
        const message = decodeDhcpv6(
          fenced(
            encodeDhcpv6({ kind: 'dhcpv6', type: 7, transaction: 1, options: [makeOption(name, value as never)] }),
          ),
        );
        expect(message.kind === 'dhcpv6' && option(message, name)).toEqual(value);
      }),
    );
  });

  it('in whole messages of any options', () => {
    const options = fc.array(raw, { maxLength: 8 });
    const message = fc.oneof(
      fc.record({
        kind: fc.constant('dhcpv6' as const),
        type: fc.integer({ min: 1, max: 11 }),
        transaction: fc.nat(0xff_ffff),
        options,
      }),
      fc.record({
        kind: fc.constant('dhcpv6-relay' as const),
        type: fc.integer({ min: 12, max: 13 }),
        hopCount: fc.nat(255),
        linkAddress: address,
        peerAddress: address,
        options,
      }),
    );
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeDhcpv6(encodeDhcpv6(one))).toEqual(one);
      }),
    );
  });

  it('and refuses what no field can carry', () => {
    expect(() => makeOption('preference', 256)).toThrow('expected an integer of 8 bits, got 256');
    expect(() => makeOption('unicast', '10.0.0.1')).toThrow('eight groups of hexadecimal digits');
    expect(() => makeOption('domainList', ['a..b'])).toThrow('labels of 1 to 63 bytes');
    expect(() => encodeDhcpv6({ kind: 'dhcpv6', type: 12, transaction: 1, options: [] })).toThrow('RELAY-FORW');
  });
});
