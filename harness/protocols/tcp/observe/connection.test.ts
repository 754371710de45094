import { describe, expect, test } from 'vitest';
import { at, CLIENT, Scene, SERVER } from '../../../observe/testing/scene.ts';

const c = at(CLIENT, 49_164);
const s = at(SERVER, 445);
const tcp = (scene: Scene): Record<string, unknown>[] =>
  scene
    .events()
    .filter(({ type }) => type.startsWith('tcp.'))
    .map((event) => ({ ...event }));
const types = (scene: Scene): unknown[] => tcp(scene).map(({ type }) => type);

describe('tcp', () => {
  test('handshake and both FINs', () => {
    const scene = new Scene()
      .tcp(c, s, 'S', 10, 0)
      .tcp(s, c, 'SA', 90, 11)
      .tcp(c, s, 'A', 11, 91)
      .tcp(c, s, 'FA', 11, 91)
      .tcp(s, c, 'FA', 91, 12)
      .tcp(c, s, 'A', 12, 92);
    expect(types(scene)).toEqual(['tcp.syn', 'tcp.established', 'tcp.closed']);
    expect(tcp(scene)[0]).toMatchObject({
      connection: '172.22.52.222:49164>172.22.52.207:445',
      server: { ip: '172.22.52.207', port: 445 },
      client: CLIENT.mac,
    });
  });

  test('a SYN that nobody answers is repeated', () => {
    expect(tcp(new Scene().tcp(c, s, 'S', 10, 0).tcp(c, s, 'S', 10, 0))).toMatchObject([
      { repeated: false },
      { repeated: true },
    ]);
  });

  test('a refused connection is a reset by the server, once', () => {
    expect(tcp(new Scene().tcp(c, s, 'S', 10, 0).tcp(s, c, 'RA', 0, 11).tcp(s, c, 'RA', 0, 11)).slice(1)).toMatchObject(
      [{ type: 'tcp.reset', by: 'server' }],
    );
  });

  test('a SYN with another number is another connection between the same ports', () => {
    const scene = new Scene()
      .tcp(c, s, 'S', 10, 0)
      .tcp(s, c, 'RA', 0, 11)
      .tcp(c, s, 'S', 5000, 0)
      .tcp(s, c, 'SA', 1, 5001)
      .tcp(c, s, 'A', 5001, 2);
    expect(types(scene)).toEqual(['tcp.syn', 'tcp.reset', 'tcp.syn', 'tcp.established']);
  });

  test('what trails a reset opens nothing', () => {
    const scene = new Scene()
      .tcp(c, s, 'S', 10, 0)
      .tcp(s, c, 'SA', 90, 11)
      .tcp(c, s, 'A', 11, 91)
      .tcp(c, s, 'R', 11, 0)
      .tcp(s, c, 'A', 91, 11, new Uint8Array(100));
    expect(types(scene)).toEqual(['tcp.syn', 'tcp.established', 'tcp.reset']);
  });

  test('what came twice or late is told once, when the connection is over', () => {
    const data = (text: string): Uint8Array => new TextEncoder().encode(text);
    const open = (): Scene => new Scene().tcp(c, s, 'S', 10, 0).tcp(s, c, 'SA', 90, 11).tcp(c, s, 'A', 11, 91);
    const close = (scene: Scene): Scene => scene.tcp(c, s, 'FA', 15, 91).tcp(s, c, 'FA', 91, 16);
    const disorder = (scene: Scene): Record<string, unknown>[] =>
      tcp(close(scene)).filter(({ type }) => type === 'tcp.disorder');
    expect(disorder(open().tcp(c, s, 'PA', 11, 91, data('ab')).tcp(c, s, 'PA', 13, 91, data('cd')))).toEqual([]);
    expect(disorder(open().tcp(c, s, 'PA', 11, 91, data('abcd')).tcp(c, s, 'PA', 11, 91, data('abcd')))).toMatchObject([
      { repeated: 1, late: 0 },
    ]);
    expect(disorder(open().tcp(c, s, 'PA', 13, 91, data('cd')).tcp(c, s, 'PA', 11, 91, data('ab')))).toMatchObject([
      { repeated: 0, late: 1 },
    ]);
    // The acknowledgement was captured before what it acknowledges.
    expect(disorder(open().tcp(s, c, 'A', 91, 15).tcp(c, s, 'PA', 11, 91, data('abcd')))).toMatchObject([
      { repeated: 0, late: 1 },
    ]);
    expect(disorder(open().tcp(s, c, 'SA', 90, 11).tcp(c, s, 'PA', 11, 91, data('abcd')))).toMatchObject([
      { repeated: 1, late: 0 },
    ]);
  });
});
