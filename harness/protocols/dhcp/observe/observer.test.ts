import { describe, expect, test } from 'vitest';
import { encodeDhcp, type DhcpDraft } from '../wire/codec.ts';
import { ipOption, numberOption, textOption } from '../wire/options.ts';
import type { ProtocolEvent } from '../../events.ts';
import { at, BROADCAST, CLIENT, observe, Scene, SERVER, type End } from '../../../observe/testing/scene.ts';

const NOBODY = { mac: CLIENT.mac, ip: '0.0.0.0' };
const TYPES = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;

function message(type: keyof typeof TYPES, draft: Partial<DhcpDraft> = {}): Uint8Array {
  const op = ['offer', 'ack', 'nak'].includes(type) ? 2 : 1;
  return encodeDhcp({
    op,
    xid: 0x1280_d292,
    chaddr: CLIENT.mac,
    ...draft,
    options: [numberOption(53, 1, TYPES[type]), ...(draft.options ?? [])],
  });
}

function typeOf(from: End, to: End, payload: Uint8Array): string | undefined {
  return new Scene().udp(from, to, payload).events()[0]?.type;
}

const PXE = textOption(60, 'PXEClient');
const ADDRESS = { yiaddr: CLIENT.ip };

describe('classification', () => {
  test.each([
    ['dhcp.discover', at(NOBODY, 68), at(BROADCAST, 67), message('discover', { options: [PXE] })],
    ['dhcp.offer', at(SERVER, 67), at(BROADCAST, 68), message('offer', ADDRESS)],
    ['dhcp.offer', at(SERVER, 67), at(BROADCAST, 68), message('offer', { ...ADDRESS, options: [PXE] })],
    ['proxydhcp.offer', at(SERVER, 67), at(BROADCAST, 68), message('offer', { options: [PXE] })],
    ['dhcp.offer', at(SERVER, 67), at(BROADCAST, 68), message('offer')],
    ['dhcp.request', at(NOBODY, 68), at(BROADCAST, 67), message('request', { options: [ipOption(50, CLIENT.ip)] })],
    ['dhcp.nak', at(SERVER, 67), at(BROADCAST, 68), message('nak')],
    ['dhcp.inform', at(CLIENT, 68), at(SERVER, 67), message('inform', { ciaddr: CLIENT.ip })],
    ['dhcp.ack', at(SERVER, 67), at(CLIENT, 68), message('ack', { ciaddr: CLIENT.ip, options: [PXE] })],
    // [T] frames 16 and 19 of step 1: the unicast request to 4011 and its answer from there.
    ['proxydhcp.request', at(CLIENT, 68), at(SERVER, 4011), message('request', { ciaddr: CLIENT.ip, options: [PXE] })],
    ['proxydhcp.ack', at(SERVER, 4011), at(CLIENT, 68), message('ack', { options: [PXE] })],
    ['proxydhcp.request', at(CLIENT, 4011), at(SERVER, 4011), message('request')],
    ['proxydhcp.offer', at(SERVER, 4011), at(CLIENT, 68), message('offer', ADDRESS)],
    // Boot server discovery as a broadcast carries the boot item, sub-option 71 (harness/docs/protocols.md 1.3).
    [
      'proxydhcp.request',
      at(CLIENT, 68),
      at(BROADCAST, 67),
      message('request', { options: [PXE, { code: 43, data: Uint8Array.of(71, 4, 0, 0, 0, 0, 255) }] }),
    ],
    ['dhcp.other', at(SERVER, 67), at(BROADCAST, 68), encodeDhcp({ op: 2, xid: 1, chaddr: CLIENT.mac, options: [] })],
  ])('%s', (type, from, to, payload) => {
    expect(typeOf(from, to, payload)).toBe(type);
  });
});

describe('whose it is', () => {
  const request = (chaddr: string, xid: number): Uint8Array => message('discover', { chaddr, xid });
  const clients = (events: readonly ProtocolEvent[]): string[] => events.map(({ client }) => client);

  test('broadcasts are told apart by the hardware address inside', () => {
    const other = '52:54:00:00:00:02';
    const scene = new Scene()
      .udp(at(NOBODY, 68), at(BROADCAST, 67), request(CLIENT.mac, 1))
      .udp(at({ ...NOBODY, mac: other }, 68), at(BROADCAST, 67), request(other, 2));
    scene
      .udp(at(SERVER, 67), at(BROADCAST, 68), message('offer', { ...ADDRESS, chaddr: other, xid: 2 }))
      .udp(at(SERVER, 67), at(BROADCAST, 68), message('offer', { ...ADDRESS, xid: 1 }));
    expect(clients(scene.events())).toEqual([CLIENT.mac, other, other, CLIENT.mac]);
    expect(clients(scene.events({ clients: [other] }))).toEqual([other, other]);
  });

  test('a relay keeps its address, and the client is not the relay', () => {
    const relay = { mac: '02:00:00:00:00:01', ip: '10.0.0.1' };
    const [event] = new Scene()
      .udp(at(relay, 67), at(SERVER, 67), message('discover', { giaddr: relay.ip, hops: 1 }))
      .events();
    expect(event).toMatchObject({ client: CLIENT.mac, from: { ip: relay.ip }, message: { giaddr: relay.ip, hops: 1 } });
  });

  test('behind a router the client is found by the address that it was given', () => {
    const router = { mac: '02:00:00:00:00:01', ip: '10.0.0.1' };
    const scene = new Scene()
      .udp(at(router, 67), at(SERVER, 67), message('discover'))
      .udp(at(SERVER, 67), at(router, 67), message('ack', ADDRESS));
    scene.udp({ ...at(CLIENT, 2070), mac: router.mac }, at(SERVER, 69), Uint8Array.of(0, 1, 0x66, 0, 0x6f, 0));
    expect(observe(scene.frames, { clients: [CLIENT.mac] }).events.at(-2)).toMatchObject({
      type: 'tftp.read-request',
      client: CLIENT.mac,
      filename: 'f',
    });
  });

  test("a damaged reply is the client's by its transaction, and says what is wrong", () => {
    const scene = new Scene().udp(at(NOBODY, 68), at(BROADCAST, 67), message('discover'));
    const reply = message('offer', { ...ADDRESS, chaddr: '', options: [] });
    scene.udp(at(SERVER, 67), at(BROADCAST, 68), reply).udp(at(SERVER, 67), { ...at(CLIENT, 68) }, reply.slice(0, 100));
    expect(scene.events().map(({ type, client }) => [type, client])).toEqual([
      ['dhcp.discover', CLIENT.mac],
      ['dhcp.offer', CLIENT.mac],
      ['malformed', CLIENT.mac],
    ]);
  });

  test('options in events outlive the capture buffer', () => {
    const scene = new Scene().udp(at(NOBODY, 68), at(BROADCAST, 67), message('discover', { options: [PXE] }));
    const [event] = scene.events();
    scene.frames[0]?.bytes.fill(0);
    expect(
      event && 'message' in event && typeof event.message === 'object' ? event.message.options[1]?.data : undefined,
    ).toEqual(PXE.data);
  });
});
