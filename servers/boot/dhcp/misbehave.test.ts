import { expect, it } from 'vitest';
import { encodeDhcp } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { optionIp } from '../../../harness/protocols/dhcp/wire/options.ts';
import { decide } from './decision.ts';
import { fitted, messageLength, misbehave } from './misbehave.ts';
import { LeaseTable } from './leases.ts';
import type { DhcpMisbehaviour } from './config.ts';
import { config, MAC, OTHER_MAC, pxeOptions, request } from '../testing/messages.ts';

const settings = config({
  bootfile: 'pxelinux.0',
  options: [
    { code: 43, hex: '0601 08ff'.replaceAll(' ', '') },
    { code: 128, text: 'x'.repeat(300) },
  ],
});
const draft = decide(request(1, pxeOptions()), settings, new LeaseTable(), 0).reply ?? expect.unreachable();
const BIOS = { mac: MAC, architecture: 0 };
const fates = (how: DhcpMisbehaviour, asker: { mac: string; architecture: number | undefined } = BIOS): string =>
  Array.from({ length: 6 }, (_, i) => {
    const fate = misbehave(draft, i + 1, how, asker);
    expect(fate.misbehaved).toEqual('lost' in fate ? Object.keys(how) : []);
    return 'lost' in fate ? '-' : 'x';
  }).join('');

it('loses exactly the replies that it was told to lose', () => {
  expect(fates({})).toBe('xxxxxx');
  expect(fates({ silent: true })).toBe('------');
  expect(fates({ silent: { after: 2 } })).toBe('xx----');
  expect(fates({ silent: { for: [MAC] } })).toBe('------');
  expect(fates({ silent: { for: [OTHER_MAC] } })).toBe('xxxxxx');
  expect(fates({ silent: { architectures: ['bios', 'uefi-x64'] } })).toBe('------');
  expect(fates({ silent: { architectures: ['uefi-x64-http'] } })).toBe('xxxxxx');
  expect(fates({ silent: { architectures: ['bios'] } }, { mac: MAC, architecture: undefined })).toBe('xxxxxx');
  expect(fates({ silent: { architectures: ['bios'], for: [OTHER_MAC] } })).toBe('xxxxxx');
  expect(fates({ silent: { architectures: ['bios'], after: 2 } })).toBe('xx----');
  expect(fates({ 'drop-every': 3 })).toBe('xx-xx-');
});

it('spoils transaction id, server identifier and options', () => {
  const fate = misbehave(
    draft,
    1,
    { 'wrong-xid': true, 'wrong-server-id': true, 'omit-options': [67], delay: 7 },
    BIOS,
  );
  if ('lost' in fate) expect.unreachable();
  expect(fate.delayMs).toBe(7);
  expect(fate.draft.xid).toBe(draft.xid + 1);
  expect(optionIp({ options: fate.draft.options.map((option) => ({ ...option, offset: 0 })) }, 54)).toBe('192.0.2.1');
  expect(fate.draft.options.some((option) => option.code === 67)).toBe(false);
  expect(fate.misbehaved).toEqual(['wrong-server-id', 'omit-options', 'wrong-xid', 'delay']);
});

it('has left nothing out that was not in the reply', () => {
  expect(misbehave(draft, 1, { 'omit-options': [209] }, BIOS).misbehaved).toEqual([]);
});

it('makes a reply fit option 57 by leaving out what a client can live without (RFC 2132 section 9.10)', () => {
  expect(messageLength(draft)).toBe(encodeDhcp(draft, { padTo: 0 }).length);
  const small = fitted(draft, 548);
  expect(messageLength(small.draft)).toBeLessThanOrEqual(548);
  expect(small.dropped).toEqual([128]);
  expect(fitted(draft, 1400).dropped).toEqual([]);
  expect(fitted(draft, 0).draft.options.map((option) => option.code)).toEqual(
    expect.arrayContaining([53, 54, 51, 43, 66, 67, 97]),
  );
});
