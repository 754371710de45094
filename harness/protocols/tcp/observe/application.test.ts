import { describe, expect, it, vi } from 'vitest';
import { observe } from '../../../observe/testing/scene.ts';
import { encodeText } from '../../../packet/text.ts';
import { HttpScene } from '../../http/testing/scene.ts';
import { RESTIC_MEDIA_TYPE } from '../../restic/wire/codec.ts';

const ACCEPT = `Accept: ${RESTIC_MEDIA_TYPE}2`;
const OK = ['Content-Length: 0'];
const scene = (segmentBytes = 1460): HttpScene => {
  const told = new HttpScene();
  told.segmentBytes = segmentBytes;
  return told.connect();
};
/** Events of applications and what does not decode, with their frames. */
const told = ({ frames }: HttpScene): string[] =>
  observe(frames).events.flatMap(({ type, frame }) => (type.startsWith('tcp.') ? [] : [`${type} ${frame}`]));

describe('a first request in several segments', () => {
  it('is whose the whole of it is', () => {
    const inTwo = scene();
    inTwo.bytes(true, encodeText('GET /conf')).bytes(true, encodeText(`ig HTTP/1.1\r\n${ACCEPT}\r\n\r\n`));
    expect(told(inTwo.respond('200 OK', OK))).toEqual(['restic.request 5', 'restic.answer 6']);
  });

  it.each(['/config', '/keys/', '/boot.ipxe'])('of any other web client is HTTP: %s', (path) => {
    for (const segmentBytes of [1, 7, 20]) {
      const { events } = observe(scene(segmentBytes).get(path, 'Accept: */*').respond('200 OK', OK).frames);
      const ofHttp = events.filter(({ type }) => !type.startsWith('tcp.'));
      expect(ofHttp).toMatchObject([
        { type: 'http.request', path },
        { type: 'http.response' },
        { type: 'http.complete' },
      ]);
    }
  });

  it.each(['/config', '/boot.ipxe'])('is seen in the frame that ends its head: %s', (path) => {
    const inTwo = scene()
      .bytes(true, encodeText(`GET ${path}`))
      .bytes(true, encodeText(' HTTP/1.1\r\n\r\n'));
    expect(told(inTwo)[0]).toBe('http.request 5');
  });

  it('that never ends is HTTP that does not decode', () => {
    const endless = scene().bytes(true, encodeText(`GET /config HTTP/1.1\r\n${'A: b\r\n'.repeat(12_000)}`));
    const ofHttp = observe(endless.frames).events.filter(({ type }) => !type.startsWith('tcp.'));
    expect(ofHttp).toMatchObject([{ type: 'malformed', malformed: { protocol: 'http' } }]);
  });

  it('is searched once', () => {
    const endless = scene().bytes(true, encodeText(`GET /config HTTP/1.1\r\n${'A: b\r\n'.repeat(10_000)}`));
    const searches = vi.spyOn(Uint8Array.prototype, 'indexOf');
    observe(endless.frames);
    const perByte = searches.mock.calls.length / 60_000;
    searches.mockRestore();
    expect(perByte).toBeLessThan(5);
  });

  it('of which the capture lacks the end is what it may be, and what follows is read', () => {
    const lacking = scene().bytes(true, encodeText('GET /conf')).bytes(true, encodeText('ig HTTP/1.1\r\n\r\n'));
    lacking.frames.pop();
    const paths = Array.from({ length: 9 }, (_, more) => `/${more}`);
    for (const path of paths) lacking.respond('200 OK', OK).get(path);
    const { events } = observe(lacking.frames);
    expect(events.filter(({ type }) => type === 'malformed')).toEqual([]);
    expect(events.flatMap((event) => (event.type === 'http.request' ? [event.path] : []))).toEqual(paths);
  });
});
