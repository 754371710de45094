import { describe, expect, test, vi } from 'vitest';
import type { HttpEvent } from './events.ts';
import { HttpScene } from '../testing/scene.ts';
import { observe } from '../../../observe/testing/scene.ts';

const http = (scene: HttpScene): HttpEvent[] =>
  scene.events().filter((event): event is HttpEvent => event.type.startsWith('http.'));
const start = (): HttpScene => new HttpScene().connect();
const OK = '200 OK';

describe('http', () => {
  test('a GET is a request, a response and a complete body', () => {
    const events = http(
      start()
        .get('/boot.ipxe', 'Range: bytes=5-')
        .wait(900)
        .respond(OK, ['Content-Length: 50000'], new Uint8Array(50_000)),
    );
    expect(events).toMatchObject([
      { type: 'http.request', method: 'GET', path: '/boot.ipxe', host: '172.22.52.207', range: 'bytes=5-' },
      { type: 'http.response', status: 200, path: '/boot.ipxe', contentLength: 50_000 },
      { type: 'http.complete', status: 200, figures: { bytes: 50_000, firstFrame: 4, rttUs: { p50: 1000 } } },
    ]);
  });

  test('HTTP/2, which no firmware speaks, is no HTTP/1.1 that does not decode', () => {
    // RFC 9113 section 3.4: the preface, and an empty SETTINGS frame from each side.
    const settings = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
    const scene = start().bytes(true, new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    const events = scene.bytes(true, settings).bytes(false, settings).events();
    expect(events.filter(({ type }) => type === 'malformed' || type.startsWith('http.'))).toEqual([]);
  });

  test('HEAD has no body, whatever length it tells; keep-alive goes on with the next request', () => {
    const scene = start()
      .ask('HEAD', '/a')
      .respond(OK, ['Content-Length: 50000'])
      .get('/a')
      .respond(OK, ['Content-Length: 3'], 'abc');
    expect(
      http(scene).flatMap((event) => (event.type === 'http.complete' ? [[event.method, event.figures.bytes]] : [])),
    ).toEqual([
      ['HEAD', 0],
      ['GET', 3],
    ]);
  });

  test('a chunked body counts its data only, in whatever segments it comes', () => {
    for (const segmentBytes of [1, 7, 1460]) {
      const scene = start();
      scene.segmentBytes = segmentBytes;
      scene
        .get('/a')
        .respond(OK, ['Transfer-Encoding: chunked'], '5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n')
        .get('/b')
        .respond('404 Not Found', ['Content-Length: 0']);
      expect(
        http(scene).flatMap((event) =>
          event.type === 'http.complete' ? [[event.path, event.status, event.figures.bytes]] : [],
        ),
      ).toEqual([
        ['/a', 200, 8],
        ['/b', 404, 0],
      ]);
    }
  });

  test('a body without a length ends with the connection', () => {
    expect(http(start().get('/a').respond(OK, [], new Uint8Array(3000)).disconnect()).at(-1)).toMatchObject({
      type: 'http.complete',
      figures: { bytes: 3000 },
    });
  });

  test('100 Continue is not the answer', () => {
    const events = http(start().get('/a').respond('100 Continue', []).respond(OK, ['Content-Length: 1'], 'x'));
    expect(events.map((event) => (event.type === 'http.response' ? event.status : event.type))).toEqual([
      'http.request',
      100,
      200,
      'http.complete',
    ]);
  });

  test('a redirect tells where to', () => {
    expect(http(start().get('//a').respond('301 Moved', ['Location: /a', 'Content-Length: 0']))[1]).toMatchObject({
      status: 301,
      location: '/a',
    });
  });

  test('pipelined requests get their responses in order', () => {
    const scene = start()
      .get('/a')
      .get('/b')
      .respond(OK, ['Content-Length: 1'], 'a')
      .respond('404 None', ['Content-Length: 0']);
    expect(
      http(scene).flatMap((event) => (event.type === 'http.complete' ? [[event.path, event.status]] : [])),
    ).toEqual([
      ['/a', 200],
      ['/b', 404],
    ]);
  });

  test('what comes to no end is told, with what came of it', () => {
    expect(http(start().get('/a').respond(OK, ['Content-Length: 9000'], new Uint8Array(4000))).at(-1)).toMatchObject({
      type: 'http.unfinished',
      reason: 'the capture ended',
      status: 200,
      figures: { bytes: 4000 },
    });
    expect(http(start().get('/a')).at(-1)).toMatchObject({
      type: 'http.unfinished',
      path: '/a',
      figures: { bytes: 0 },
    });
  });

  test('bodies leave the evidence, and a replay of what stays gives the same events', () => {
    const scene = start()
      .get('/a')
      .respond(OK, ['Content-Length: 200000'], new Uint8Array(200_000))
      .get('/b')
      .respond(OK, [], new Uint8Array(90_000))
      .disconnect();
    const whole = observe(scene.frames);
    expect(whole.trimmed.reduce((sum, frame) => sum + frame.bytes.length, 0)).toBeLessThan(40_000);
    expect(observe(whole.trimmed).events).toEqual(whole.events);
  });

  test('a head of many lines is searched once, in whatever segments it comes', () => {
    const lines = Array<string>(10_000).fill('A:');
    const scene = start();
    scene.segmentBytes = 7;
    const { frames } = scene.get('/a', ...lines).get('/b', ...lines);
    const searches = vi.spyOn(Uint8Array.prototype, 'indexOf');
    const { events } = observe(frames);
    const perByte = searches.mock.calls.length / (frames.length * scene.segmentBytes);
    searches.mockRestore();
    expect(events.filter(({ type }) => type === 'http.request')).toHaveLength(2);
    expect(perByte).toBeLessThan(3);
  });

  test('what is not HTTP on port 80 is left alone', () => {
    expect(http(start().bytes(true, new Uint8Array(100).fill(0x16)).bytes(false, new Uint8Array(100)))).toEqual([]);
  });
});
