import { describe, expect, it } from 'vitest';
import { at, BROADCAST, CLIENT, type Host, SERVER } from '../../../observe/testing/scene.ts';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { DHCP_SERVER, DhcpScene } from '../testing/scene.ts';
import { type DhcpDraft, encodeDhcp } from '../wire/codec.ts';
import { ipOption, numberOption, textOption } from '../wire/options.ts';
import { bootItemOption, bootMenuOption, bootServersOption, menuPromptOption } from '../wire/pxe-vendor.ts';
import { encodeSubOptions } from '../wire/sub-options.ts';

const OTHER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };
const SILENCE_MS = 61_000;
const discovered = (): DhcpScene => new DhcpScene().discover();
const offered = (): DhcpScene => discovered().offer();
const requested = (): DhcpScene => offered().choose();
const granted = (): DhcpScene => requested().grant();
const ALONE = { yiaddr: CLIENT.ip };
const OFFER = [numberOption(53, 1, 2), ipOption(54, DHCP_SERVER.ip), numberOption(51, 4, 60)];

describe('each of these fails one step', () => {
  it.each<[string, string, string, DhcpScene, number?]>([
    ['silence', 'dhcp.offer', 'dhcp-silent', discovered(), SILENCE_MS],
    ['an offer to another question', 'dhcp.offer', 'dhcp-wrong-transaction', discovered().offer({ xid: 5 })],
    ['an offer of no address', 'dhcp.offer', 'dhcp-no-address', discovered().offer({ yiaddr: '0.0.0.0' })],
    ['an offer of nobody', 'dhcp.offer', 'dhcp-no-server-identifier', discovered().answer('offer', ALONE)],
    ['an offer that says that it is a question', 'dhcp.offer', 'dhcp-bad-header', discovered().offer({ op: 1 })],
    ['offers without a boot file that nobody takes', 'dhcp.request', 'no-boot-file', offered(), SILENCE_MS],
    ['one with a boot file', 'dhcp.request', 'offer-ignored', discovered().offer({ bootfile: 'a.0' }), SILENCE_MS],
    ['a choice of another server', 'dhcp.request', 'dhcp-unoffered-request', offered().choose({ server: OTHER.ip })],
    [
      'a choice of another address',
      'dhcp.request',
      'dhcp-unoffered-request',
      offered().choose({ requested: OTHER.ip }),
    ],
    ['silence about a choice', 'dhcp.ack', 'dhcp-ack-missing', requested(), SILENCE_MS],
    ['an ACK to another question', 'dhcp.ack', 'dhcp-wrong-transaction', requested().grant({ xid: 5 })],
    ['an ACK of another server', 'dhcp.ack', 'dhcp-wrong-server', requested().grant({ server: OTHER.ip })],
    ['an ACK of nobody', 'dhcp.ack', 'dhcp-no-server-identifier', requested().answer('ack', ALONE)],
    ['an ACK of another address', 'dhcp.ack', 'dhcp-address-changed', requested().grant({ yiaddr: OTHER.ip })],
    ['an ACK that nobody asked for', 'dhcp.ack', 'dhcp-unasked-answer', offered().grant()],
    ['a second opinion', 'dhcp.ack', 'dhcp-unasked-answer', granted().grant({ leaseSeconds: 60 })],
    ['a NAK', 'dhcp.nak', 'dhcp-nak', requested().answer('nak', { server: DHCP_SERVER.ip })],
    ['an address that is in use', 'dhcp.decline', 'address-in-use', granted().ask('decline')],
  ])('%s: %s, %s', (_, step, cause, scene, idleMs) => {
    expect(failures(scene, idleMs)).toEqual([[step, cause]]);
  });
});

it('a message that breaks off, or whose hardware address is none of Ethernet, fails under its own name', () => {
  const offer = (draft: Partial<DhcpDraft>): Uint8Array =>
    encodeDhcp({ op: 2, xid: 0x1280_d292, chaddr: CLIENT.mac, ...ALONE, ...draft, options: OFFER });
  const answered = (bytes: Uint8Array): DhcpScene => discovered().udp(at(DHCP_SERVER, 67), at(BROADCAST, 68), bytes);
  // The last option says that it has more bytes than there are.
  expect(failures(answered(offer({}).subarray(0, 253)))).toEqual([['dhcp.offer', 'malformed-message']]);
  expect(failures(answered(offer({ hlen: 7 })))).toEqual([['dhcp.offer', 'dhcp-bad-header']]);
});

it('an option 43 of PXE that breaks off is malformed, and is no missing boot server list', () => {
  const offer = (vendorClass: string): DhcpScene =>
    discovered().udp(
      at(DHCP_SERVER, 67),
      at(BROADCAST, 68),
      encodeDhcp({
        op: 2,
        xid: 0x1280_d292,
        chaddr: CLIENT.mac,
        ...ALONE,
        // Boot servers (8) of which only the type is left.
        options: [...OFFER, textOption(60, vendorClass), { code: 43, data: Uint8Array.of(6, 1, 8, 8, 7, 0, 1) }],
      }),
    );
  const { failed } = judge(offer('PXEClient'));
  expect(failed).toMatchObject([
    {
      step: 'dhcp.offer',
      cause: 'malformed-message',
      actual: 'sub-option 8 claims 7 bytes but only 2 remain',
    },
  ]);
  // Another vendor's option 43 has a format of its own.
  expect(failures(offer('MSFT 5.0'))).toEqual([]);
});

describe('what came again or late is recorded', () => {
  it.each<[string, string, DhcpScene]>([
    ['the same offer', 'dhcp.offer', offered().discover().offer().choose().grant()],
    ['an offer after the choice', 'dhcp.offer', granted().offer()],
    ['the same choice', 'dhcp.request', requested().choose().grant()],
    ['the same choice after its answer', 'dhcp.request', granted().choose()],
    ['the same ACK', 'dhcp.ack', granted().grant()],
    [
      'the refusal of an address from before',
      'dhcp.nak',
      new DhcpScene().ask('request', { requested: OTHER.ip }).answer('nak'),
    ],
    ['an address that is given back', 'dhcp.release', granted().ask('release')],
    ['a question for options only', 'dhcp.inform', granted().ask('inform', { ciaddr: CLIENT.ip })],
  ])('%s: %s', (_, step, scene) => {
    const { client, failed } = judge(scene);
    expect(failed).toEqual([]);
    expect(client.steps.filter(({ verdict }) => verdict === 'recorded').map((one) => one.step)).toEqual([step]);
  });
});

describe('an answer without its question is recorded, and takes no time', () => {
  const LATE = 'an answer whose question the capture does not have';
  const OWN = 'a late answer to the client’s own transaction 0x1280d292: it has gone on to 0x00000007';
  const informed = (): DhcpScene => new DhcpScene().ask('inform', { ciaddr: CLIENT.ip, xid: 9 });
  const options = { xid: 9, ciaddr: CLIENT.ip, server: DHCP_SERVER.ip };

  it.each<[string, string, string, DhcpScene]>([
    ['offers of a capture that begins late', 'dhcp.offer', LATE, new DhcpScene().offer()],
    ['an ACK of a capture that begins late', 'dhcp.ack', LATE, new DhcpScene().grant()],
    ['a boot server of a capture that begins late', 'proxydhcp.ack', LATE, new DhcpScene().bootServerAnswer()],
    // A client without a lease asks again with another transaction before the server has answered.
    ['an ACK to the client’s transaction before', 'dhcp.ack', OWN, requested().choose({ xid: 7 }).grant()],
    ['an offer to the transaction before', 'dhcp.offer', OWN, discovered().discover({ xid: 7 }).offer()],
    [
      'an ACK to the transaction before, after the right one',
      ...(['dhcp.ack', OWN] as const),
      requested().choose({ xid: 7 }).grant({ xid: 7 }).grant(),
    ],
    ['the answer to INFORM', 'dhcp.ack', 'the answer to INFORM: options only', informed().answer('ack', options)],
    [
      'the answer to INFORM while a lease is held',
      ...(['dhcp.ack', 'the answer to INFORM: options only'] as const),
      granted().ask('inform', { ciaddr: CLIENT.ip, xid: 9 }).answer('ack', options),
    ],
  ])('%s: %s', (_, step, why, scene) => {
    const { named, failed } = judge(scene);
    expect(failed).toEqual([]);
    expect(named(step).at(-1)).toMatchObject({ verdict: 'recorded', why, durationMs: 0 });
    expect(named(step).at(-1)?.atMs).toBeGreaterThanOrEqual(0);
  });

  it('even though its wait has failed', () => {
    const late = requested().wait(61_000_000).grant();
    expect(failures(late)).toEqual([['dhcp.ack', 'dhcp-ack-missing']]);
  });

  it('and still it has to be a sound message', () => {
    expect(failures(new DhcpScene().offer({ op: 1 }))).toEqual([['dhcp.offer', 'dhcp-bad-header']]);
  });
});

describe('a client that takes no offer, where a boot server has offered itself', () => {
  it('is not told to start one', () => {
    expect(failures(discovered().bootServerOffer().offer(), SILENCE_MS)).toContainEqual([
      'dhcp.request',
      'offer-ignored',
    ]);
  });

  it('nor when it has its address and loads nothing', () => {
    const bound = discovered().bootServerOffer().offer().choose().grant();
    const causes = failures(bound, 120_000).map(([, cause]) => cause);
    expect(causes).toContain('proxydhcp-never-asked');
    expect(causes).not.toContain('no-boot-file');
  });
});

describe('option 43', () => {
  const offer = (data: Uint8Array, ...options: readonly { code: number; data: Uint8Array }[]): string | undefined => {
    const message = { op: 2, xid: 0x1280_d292, chaddr: CLIENT.mac, ...ALONE } as const;
    const bytes = encodeDhcp({ ...message, options: [...OFFER, ...options, { code: 43, data }] });
    const { named } = judge(discovered().udp(at(DHCP_SERVER, 67), at(BROADCAST, 68), bytes));
    return named('dhcp.offer')[0]?.detail?.['vendorOptions'] as string | undefined;
  };
  const MENU = encodeSubOptions([
    { code: 6, data: Uint8Array.of(3) },
    bootServersOption([{ type: 32_768, ips: ['192.168.16.10'] }]),
    bootMenuOption([{ type: 32_768, description: 'Pixiecore' }]),
    menuPromptOption({ timeoutS: 0, text: 'Pixiecore' }),
    bootItemOption({ type: 1, layer: 0 }),
  ]);
  const WORDS =
    'discovery control 3 (no broadcast, no multicast); boot servers 32768 192.168.16.10; menu 32768 “Pixiecore”; prompt “Pixiecore” for 0 s; boot item 1 layer 0';

  it('is told in PXE’s words, with and without option 60', () => {
    expect(offer(MENU, textOption(60, 'PXEClient'))).toBe(WORDS);
    expect(offer(MENU)).toBe(WORDS);
  });

  it('of another vendor is that vendor’s', () => {
    expect(offer(Uint8Array.of(1, 4, 0, 0, 0, 2, 255), textOption(60, 'MSFT 5.0'))).toBe('vendor-specific, 7 bytes');
    expect(offer(Uint8Array.of(0xf1, 2, 1, 2))).toBe('vendor-specific, 4 bytes');
  });
});

it('a client may choose among several offers', () => {
  const two = offered().offer({ server: OTHER.ip, yiaddr: '172.22.52.230' });
  expect(
    failures(
      two.choose({ server: OTHER.ip, requested: '172.22.52.230' }).grant({ server: OTHER.ip, yiaddr: '172.22.52.230' }),
    ),
  ).toEqual([]);
});

it('a client that starts over with another transaction has waited since its first', () => {
  const { failed } = judge(discovered().wait(10_000_000).discover({ xid: 7 }), undefined, { idleMs: SILENCE_MS });
  expect(failed).toMatchObject([{ step: 'dhcp.offer', actual: 'no answer to 1 DISCOVER', atMs: 0.1 }]);
});

describe('boot servers', () => {
  const introduced = (): DhcpScene => discovered().offer().bootServerOffer();
  const asked = (): DhcpScene => introduced().askBootServer();

  it.each<[string, string, string, DhcpScene, number?]>([
    ['a boot server that nobody asks', 'proxydhcp.request', 'proxydhcp-never-asked', introduced(), SILENCE_MS],
    ['a question to another one', 'proxydhcp.request', 'proxydhcp-wrong-server', introduced().askBootServer({}, OTHER)],
    [
      'an answer of another one',
      'proxydhcp.ack',
      'proxydhcp-wrong-server',
      asked().bootServerAnswer({ file: 'a' }, OTHER),
    ],
    [
      'an answer to another question',
      'proxydhcp.ack',
      'dhcp-wrong-transaction',
      asked().bootServerAnswer({ file: 'a', xid: 5 }),
    ],
    [
      'an answer that says that it is a question',
      'proxydhcp.ack',
      'dhcp-bad-header',
      asked().bootServerAnswer({ file: 'a', op: 1 }),
    ],
    [
      'an answer that nobody asked for',
      'proxydhcp.ack',
      'proxydhcp-unasked-answer',
      introduced().bootServerAnswer({ file: 'a' }),
    ],
    [
      'an answer from port 67 without option 60',
      ...(['proxydhcp.ack', 'proxydhcp-wrong-port'] as const),
      asked().answer('ack', { server: SERVER.ip, bootfile: 'a' }, at(SERVER, 67), at(CLIENT, 68)),
    ],
  ])('%s: %s, %s', (_, step, cause, scene, idleMs) => {
    const found = failures(scene, idleMs).filter(([name]) => name?.startsWith('proxydhcp.'));
    expect(found).toEqual([[step, cause]]);
  });

  it('may say the same again, and be asked the same again', () => {
    const { client } = judge(
      introduced()
        .bootServerOffer()
        .askBootServer()
        .askBootServer()
        .bootServerAnswer({ file: 'a' })
        .bootServerAnswer({ file: 'a' }),
    );
    const again = client.steps.filter(({ machine, verdict }) => machine === 'proxydhcp' && verdict === 'recorded');
    expect(again).toMatchObject(
      ['proxydhcp.offer', 'proxydhcp.request', 'proxydhcp.ack'].map((step) => ({
        step,
        why: 'the same message again',
      })),
    );
  });
});
