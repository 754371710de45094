import { describe, expect, test } from 'vitest';
import { DhcpScene } from '../protocols/dhcp/testing/scene.ts';
import { HttpScene } from '../protocols/http/testing/scene.ts';
import { RpcScene } from '../protocols/rpc/testing/scene.ts';
import { answer, ask, SmbScene } from '../protocols/smb/testing/scene.ts';
import { TcpScene } from '../protocols/tcp/testing/scene.ts';
import { at, CLIENT, Scene, SERVER, type Host, type Tape } from './testing/scene.ts';

/** Type and client of the events of connections. */
const told = (scene: Scene): unknown[] =>
  scene
    .events()
    .filter(({ type }) => !type.startsWith('dhcp.'))
    .map(({ type, client }) => [type, client]);

/** A capture that has shown a host as a client: the server of the connections below, or their client. */
function isClient(host: Host): Tape {
  const scene = new DhcpScene();
  scene.client = host;
  return scene.discover().offer().choose().grant().tape;
}

const negotiated = [
  ['tcp.syn', CLIENT.mac],
  ['tcp.established', CLIENT.mac],
  ['smb.negotiate-request', CLIENT.mac],
  ['smb.negotiate-response', CLIENT.mac],
];
const negotiate = (scene: SmbScene): SmbScene => scene.exchange(ask.negotiate(0x0210), answer.negotiate(0x0210));
const resolves = (scene: Scene): Scene => scene.arp(1, CLIENT, { ip: SERVER.ip }).arp(2, SERVER, CLIENT);

describe('a connection is the story of the host that opened it', () => {
  test('also when the server is a client itself', () => {
    // Both hosts sent what only clients send.
    const both = new DhcpScene(isClient(SERVER));
    expect(told(negotiate(new SmbScene(both.discover().offer().choose().grant().tape).connect()))).toEqual(negotiated);
  });

  test('and the server, a client, has none of it when the other host is unknown', () => {
    expect(told(negotiate(new SmbScene(isClient(SERVER)).connect()))).toEqual([]);
  });

  test('the other host is learnt when it resolved an address', () => {
    const scene = new Scene(isClient(SERVER));
    const events = told(negotiate(new SmbScene(resolves(scene).tape).connect()));
    expect(events.filter((event) => !String((event as string[])[0]).startsWith('arp.'))).toEqual(negotiated);
  });

  test('without its SYN: of the host that talks to a service’s port', () => {
    expect(told(negotiate(new SmbScene(isClient(SERVER))))).toEqual([]);
    expect(told(negotiate(new SmbScene(isClient(CLIENT))))).toEqual(negotiated.slice(2));
  });

  test('without SYN and known port: of the host whose bytes are a client’s', () => {
    const scene = new RpcScene(isClient(SERVER), 49_700);
    expect(told(scene.bind().bindAck())).toEqual([]);
    expect(told(new RpcScene(isClient(CLIENT), 49_700).bind().bindAck())).toEqual([
      ['rpc.bind', CLIENT.mac],
      ['rpc.bind-answer', CLIENT.mac],
    ]);
  });

  test('a connection between ports that show nothing stays that of whoever sent its SYN', () => {
    const scene = new TcpScene(isClient(SERVER), 5000, 6000).connect();
    expect(told(scene.bytes(true, new Uint8Array(20)).bytes(false, new Uint8Array(20)))).toEqual([]);
  });
});

describe('a service on a port of its own', () => {
  const rpc = (scene: RpcScene): unknown[] => told(scene.bind().bindAck());
  const bound = [
    ['rpc.bind', CLIENT.mac],
    ['rpc.bind-answer', CLIENT.mac],
  ];
  const opened = negotiated.slice(0, 2);

  test('is found by the first bytes of the client, handshake included', () => {
    expect(rpc(new RpcScene(undefined, 49_700).connect())).toEqual([...opened, ...bound]);
    const http = new HttpScene(undefined, 8123).connect().get('/a').respond('200 OK', ['Content-Length: 1'], 'x');
    expect(told(http)).toEqual([
      ...opened,
      ['http.request', CLIENT.mac],
      ['http.response', CLIENT.mac],
      ['http.complete', CLIENT.mac],
    ]);
    expect(told(negotiate(new SmbScene(undefined, 4450).connect()))).toEqual(negotiated);
  });

  test('is found without the handshake', () => {
    expect(rpc(new RpcScene(undefined, 49_700))).toEqual(bound);
  });

  test('is found by the first bytes of the server, where the capture has no others', () => {
    const scene = new RpcScene(undefined, 49_700).bindAck().call(2, new Uint8Array(8), { opnum: 3 });
    expect(told(scene)).toContainEqual(['rpc.request', CLIENT.mac]);
  });

  test('a frame that comes again, and a second connection of the same ports, are borne', () => {
    const scene = new RpcScene(undefined, 49_700).syn().connect();
    expect(rpc(scene)).toEqual([['tcp.syn', CLIENT.mac], ...opened, ...bound].filter((_, index) => index !== 0));
  });

  test('bytes that no service begins with make no client', () => {
    const scene = new TcpScene(undefined, 49_700).connect().bytes(true, new TextEncoder().encode('hello, world'));
    expect(told(scene.bytes(true, new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')))).toEqual([]);
  });

  test('nor does it where the capture shows a client by a better sign', () => {
    expect(
      told(new HttpScene(isClient({ mac: '52:54:00:00:00:05', ip: '172.22.52.5' }), 8123).connect().get('/a')),
    ).toEqual([]);
  });
});

test('every host that connects to a service is a client, in a capture of nothing else', () => {
  const other = { mac: '52:54:00:00:00:05', ip: '172.22.52.5' };
  const first = new SmbScene().connect();
  const second = new SmbScene(first.tape);
  second.client = at(other, 50_000);
  expect(told(second.connect())).toEqual([
    ...negotiated.slice(0, 2),
    ['tcp.syn', other.mac],
    ['tcp.established', other.mac],
  ]);
});
