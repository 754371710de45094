import { describe, expect, it } from 'vitest';
import {
  decodeHttpHead,
  httpBodyFraming,
  httpHeader,
  type HttpRequest,
  type HttpResponse,
  isLastMessage,
} from './codec.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { encodeText } from '../../../packet/text.ts';

const REQUEST =
  'GET /boot/vmlinuz HTTP/1.1\r\nHost: 172.22.52.207\r\nRange: bytes=10-\r\nAccept: a\r\naccept: b\r\n\r\n';
const RESPONSE = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 12\r\n\r\nhello';
const head = (text: string): HttpRequest | HttpResponse => decodeHttpHead(encodeText(text)) as HttpRequest;

describe('decodeHttpHead', () => {
  it('reads a request and looks headers up without regard to case', () => {
    expect(head(REQUEST)).toMatchObject({
      kind: 'http-request',
      method: 'GET',
      target: '/boot/vmlinuz',
      version: '1.1',
      headLength: REQUEST.length,
    });
    expect(httpHeader(head(REQUEST), 'range')).toBe('bytes=10-');
    expect(httpHeader(head(REQUEST), 'Accept')).toBe('a, b');
    expect(httpHeader(head(REQUEST), 'location')).toBeUndefined();
  });

  it('reads a response and says where its body begins', () => {
    expect(head(RESPONSE)).toMatchObject({
      kind: 'http-response',
      status: 206,
      reason: 'Partial Content',
      headLength: RESPONSE.length - 5,
    });
    expect(head('HTTP/1.0 200\n\n')).toMatchObject({ status: 200, reason: '', version: '1.0', headLength: 14 });
  });

  it('waits for the empty line', () => {
    for (const length of [1, 3, 20, REQUEST.length - 1]) expect(head(REQUEST.slice(0, length))).toBeUndefined();
  });

  it('goes on where it stood', () => {
    for (const text of [REQUEST, RESPONSE, REQUEST.replaceAll('\r', '')])
      for (let seen = 0; seen < text.length; seen++)
        if (decodeHttpHead(encodeText(text.slice(0, seen))) === undefined)
          expect(decodeHttpHead(encodeText(text), seen), `after ${seen} bytes`).toEqual(head(text));
  });

  it.each([
    ['bytes of another protocol', '\x16\x03\x01\x02\x00', 'expected a request line or a status line'],
    ['a folded header', 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 'expected a header line "name: value", got " c"'],
    ['white space in front of the colon', 'GET / HTTP/1.1\r\nHost : b\r\n\r\n', 'expected a header line'],
    ['a request line without version', 'GET /\r\n\r\n', 'expected a request line or a status line, got "GET /"'],
    ['a head without end', `GET / HTTP/1.1\r\nA: ${'x'.repeat(70_000)}`, 'the head does not end within 65536 bytes'],
  ])('is malformed with %s', (_, text, reason) =>
    expect(head(text)).toMatchObject({ kind: 'malformed', reason: expect.stringContaining(reason) as string }),
  );

  it('is total', () => expectTotal((bytes) => decodeHttpHead(bytes), [encodeText(REQUEST), encodeText(RESPONSE)]));
});

describe('httpBodyFraming', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'GET', { framing: 'length', length: 5 }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD', { framing: 'none' }],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n', 'GET', { framing: 'chunked' }],
    ['HTTP/1.1 200 OK\r\n\r\n', 'GET', { framing: 'until-close' }],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'GET', { framing: 'none' }],
    ['GET / HTTP/1.1\r\n\r\n', undefined, { framing: 'none' }],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      'GET',
      { kind: 'malformed', reason: 'content-length must be one number, got "5, 6"' },
    ],
  ])('of %j to %s', (text, method, framing) => expect(httpBodyFraming(head(text), method)).toMatchObject(framing));
});

it.each([
  ['HTTP/1.1 200 OK\r\n\r\n', false],
  ['HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\n\r\n', true],
  ['HTTP/1.0 200 OK\r\n\r\n', true],
  ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n', false],
])('%j says whether the connection ends after it: %j', (text, ends) => {
  expect(isLastMessage(head(text))).toBe(ends);
});
