import { describe, expect, it } from 'vitest';
import { at, BROADCAST, CLIENT, type Host, SERVER } from '../../../observe/testing/scene.ts';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { DHCP_SERVER, DhcpScene } from '../testing/scene.ts';
import { type DhcpDraft, encodeDhcp } from '../wire/codec.ts';
import { ipOption, numberOption, textOption } from '../wire/options.ts';

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
