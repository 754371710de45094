import { describe, expect, test } from 'vitest';
import { DHCP_SERVER, DhcpScene } from '../protocols/dhcp/testing/scene.ts';
import { TftpScene } from '../protocols/tftp/testing/scene.ts';
import { createObserver, type ClientSeen } from './observer.ts';
import { at, CLIENT, type End, type Host, type Scene, SERVER } from './testing/scene.ts';

/** Of an IPv4 header behind one of Ethernet. */
const TTL_AT = 22;
const ROUTER = '02:00:5e:10:00:01';
/** Whose the TFTP requests of a capture are. */
const askers = (scene: Scene): string[] =>
  scene
    .events()
    .filter(({ type }) => type === 'tftp.read-request')
    .map(({ client }) => client);

/** The client's DHCP as a relay passes it on and is answered. */
class RelayedScene extends DhcpScene {
  override udp(from: End, to: End, payload: Uint8Array): this {
    const relay = at({ mac: ROUTER, ip: '172.22.52.254' }, 67);
    const asks = from.mac === CLIENT.mac;
    return super.udp(asks ? relay : from, asks ? at(DHCP_SERVER, 67) : relay, payload);
  }
}
const relayed = (): DhcpScene => new RelayedScene();

/** A request for a file whose frame comes from the router. */
function requests(scene: Scene, ip: string, port = 2070): TftpScene {
  const tftp = new TftpScene(scene.tape);
  tftp.client = at({ mac: ROUTER, ip }, port);
  tftp.request('f');
  // A router takes one off the time to live.
  tftp.frames.at(-1)?.bytes.set([63], TTL_AT);
  return tftp;
}

describe('a client behind a relay', () => {
  test.each<[string, (scene: DhcpScene) => DhcpScene]>([
    ['the ACK gave it', (scene) => scene.discover().offer().choose().grant()],
    ['it was offered', (scene) => scene.discover().offer()],
    ['it asked for', (scene) => scene.discover().choose()],
    ['it says that it has', (scene) => scene.ask('inform', { ciaddr: CLIENT.ip })],
  ])('is known by the address that %s', (_how, tell) => {
    expect(askers(requests(tell(relayed()), CLIENT.ip))).toEqual([CLIENT.mac]);
  });

  test('is no other host behind the same router', () => {
    const scene = relayed().discover().offer().choose().grant();
    expect(askers(requests(requests(scene, CLIENT.ip), '172.22.52.9', 2071))).toEqual([CLIENT.mac, '172.22.52.9']);
  });
});

describe('an address that changes hands', () => {
  const OTHER: Host = { mac: '52:54:00:00:00:02', ip: CLIENT.ip };
  const asks = (scene: Scene, host: Host, port: number): TftpScene => {
    const tftp = new TftpScene(scene.tape);
    tftp.client = at(host, port);
    return tftp.request('f');
  };

  test('is the new one’s with its lease', () => {
    const scene = new DhcpScene().discover().offer().choose().grant();
    const second = new DhcpScene(asks(scene, CLIENT, 2070).tape);
    second.client = OTHER;
    expect(askers(asks(second.discover().offer().choose().grant(), OTHER, 2071))).toEqual([CLIENT.mac, OTHER.mac]);
  });

  test('is the new one’s in a capture without DHCP, too', () => {
    expect(askers(asks(asks(new TftpScene(), CLIENT, 2070), OTHER, 2071))).toEqual([CLIENT.mac, OTHER.mac]);
  });

  test('and a host that changes its address stays one client', () => {
    const moved = { ...CLIENT, ip: '172.22.52.99' };
    expect(askers(asks(asks(new TftpScene(), CLIENT, 2070), moved, 2071))).toEqual([CLIENT.mac, CLIENT.mac]);
  });
});

describe('a client without a hardware address in DHCP', () => {
  const UUID = '11223344-5566-7788-99aa-bbccddeeff00';
  const clients = (words: Parameters<DhcpScene['discover']>[0]): string[] => {
    const scene = new DhcpScene();
    const nobody = { chaddr: '' };
    scene
      .discover({ ...words, ...nobody })
      .offer(nobody)
      .choose({ ...words, ...nobody })
      .grant(nobody);
    return [...new Set(scene.events().map(({ client }) => client))];
  };

  test('is known by its client identifier, by the hardware address in it, or by its UUID', () => {
    expect(clients({ identifier: [1, 0x52, 0x54, 0, 0, 0, 9] })).toEqual(['52:54:00:00:00:09']);
    expect(clients({ identifier: [255, 1, 2, 3], uuid: UUID })).toEqual(['client identifier ff010203']);
    expect(clients({ uuid: UUID })).toEqual([`UUID ${UUID}`]);
  });
});

describe('what frames show of a client', () => {
  const seen = (scene: Scene, client: string): ClientSeen => {
    const observer = createObserver({ linkType: 1, onEvent: () => undefined });
    for (const frame of scene.frames) observer.frame(frame);
    return observer.seen(client);
  };

  test('every address that it was given or used, and its own hardware address', () => {
    const scene = new DhcpScene().discover().offer().choose().grant();
    const tftp = new TftpScene(scene.tape);
    tftp.client = at({ ...CLIENT, ip: '172.22.52.99' }, 2070);
    expect(seen(tftp.request('f'), CLIENT.mac)).toEqual({
      mac: CLIENT.mac,
      ips: [CLIENT.ip, '172.22.52.99'],
      vlan: undefined,
    });
  });

  test('no hardware address when that proves to be a router’s', () => {
    const scene = new TftpScene();
    scene.client = at({ mac: ROUTER, ip: CLIENT.ip }, 2070);
    scene.request('f');
    // A ROM's own initial value: nothing shows yet that a router forwarded it.
    for (const [index, ip] of [CLIENT.ip, '172.22.52.9'].entries()) {
      scene.client = at({ mac: ROUTER, ip }, 2080 + index);
      scene.request('f');
    }
    for (const { bytes } of scene.frames) bytes[TTL_AT] = 20;
    expect(askers(scene)).toEqual([ROUTER, ROUTER, '172.22.52.9']);
    expect(seen(scene, ROUTER)).toEqual({ mac: undefined, ips: [CLIENT.ip], vlan: undefined });
    expect(seen(scene, '172.22.52.9')).toEqual({ mac: undefined, ips: ['172.22.52.9'], vlan: undefined });
  });

  test('the number of its VLAN', () => {
    const scene = new TftpScene().request('f');
    const [frame] = scene.frames;
    const bytes = Uint8Array.from([
      ...(frame?.bytes.subarray(0, 12) ?? []),
      ...[0x81, 0, 0x20, 12],
      ...(frame?.bytes.subarray(12) ?? []),
    ]);
    const tagged = new TftpScene().raw(bytes);
    expect(seen(tagged, CLIENT.mac).vlan).toBe(12);
  });
});

test('a server that is a client of the DHCP server is no client of the file', () => {
  const scene = new DhcpScene();
  scene.client = SERVER;
  const tftp = new TftpScene(scene.discover().offer().choose().grant().tape);
  expect(askers(tftp.request('f'))).toEqual([CLIENT.mac]);
});
