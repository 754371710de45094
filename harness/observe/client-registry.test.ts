import { describe, expect, test } from 'vitest';
import { at, CLIENT, Scene, SERVER } from './testing/scene.ts';

const told = (scene: Scene, clients?: string[]): unknown[] =>
  scene.events(clients ? { clients } : {}).map(({ type, client, frame }) => [type, client, frame]);
const resolved = (): Scene =>
  new Scene()
    .arp(1, CLIENT, { ip: SERVER.ip })
    .arp(2, SERVER, CLIENT)
    .arp(1, SERVER, { ip: CLIENT.ip })
    .arp(2, CLIENT, SERVER);

describe('who is a client', () => {
  test('a host that resolved an address and connects to a boot service: its ARP is told first', () => {
    // [T] step 2 of the reference trace begins this way, long after DHCP.
    const scene = resolved().tcp(at(CLIENT, 49_164), at(SERVER, 445), 'S', 1, 0);
    expect(told(scene)).toEqual([
      ['arp.request', CLIENT.mac, 1],
      ['arp.reply', CLIENT.mac, 2],
      ['arp.request', CLIENT.mac, 3],
      ['arp.reply', CLIENT.mac, 4],
      ['tcp.syn', CLIENT.mac, 5],
    ]);
  });

  test('hosts that only resolve addresses are none', () => {
    expect(told(resolved())).toEqual([]);
  });

  test('a lone host that never got an answer is one: that is its story', () => {
    const scene = new Scene().arp(1, CLIENT, { ip: SERVER.ip }).arp(1, CLIENT, { ip: SERVER.ip });
    expect(told(scene)).toEqual([
      ['arp.request', CLIENT.mac, 1],
      ['arp.request', CLIENT.mac, 2],
    ]);
  });

  test('a list is final, and its ARP is told at once, in both directions', () => {
    expect(told(resolved(), [CLIENT.mac.toUpperCase()])).toHaveLength(4);
    expect(told(resolved(), ['52:54:00:00:00:09'])).toEqual([]);
  });

  test('an announcement is gratuitous', () => {
    expect(new Scene().arp(1, CLIENT, { ip: CLIENT.ip }).events({ clients: [CLIENT.mac] })[0]).toMatchObject({
      gratuitous: true,
      senderIp: CLIENT.ip,
    });
  });
});

describe('a host that speaks for a client', () => {
  const HYPERVISOR = { mac: '02:00:ac:16:34:ce', ip: '172.22.52.206' };
  const speaking = new Map([[HYPERVISOR.ip, CLIENT.mac]]);

  test('has its connections told of that client, in both directions, and whom it asks on its link is its own affair', () => {
    const scene = new Scene()
      .arp(1, HYPERVISOR, { ip: SERVER.ip })
      .arp(2, SERVER, HYPERVISOR)
      .tcp(at(HYPERVISOR, 49_164), at(SERVER, 445), 'S', 1, 0)
      .tcp(at(SERVER, 445), at(HYPERVISOR, 49_164), 'RA', 0, 2);
    const events = (options: object): unknown[] =>
      scene.events({ clients: [CLIENT.mac], ...options }).map(({ type, client }) => [type, client]);
    expect(events({ speaking })).toEqual([
      ['tcp.syn', CLIENT.mac],
      ['tcp.reset', CLIENT.mac],
    ]);
    expect(events({})).toEqual([]);
  });
});
