import { describe, expect, it } from 'vitest';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { HttpScene } from '../testing/scene.ts';

const asked = (path = '/a.efi'): HttpScene => new HttpScene().connect().get(path);
const SILENCE_MS = 31_000;
const TRANSFER_MS = 301_000;
const CONTENT = ['Content-Length: 500'];

describe('each of these fails one step', () => {
  it.each<[string, string, string, HttpScene, number?]>([
    [
      'a file that may not be had',
      'http.error',
      'http-access-denied',
      asked().respond('403 Forbidden', ['Content-Length: 0']),
    ],
    [
      'a server that cannot',
      'http.error',
      'http-refused',
      asked().respond('503 Service Unavailable', ['Content-Length: 0']),
    ],
    ['silence', 'http.get', 'http-silent', asked(), SILENCE_MS],
    ['a server that hangs up', 'http.get', 'transfer-aborted', asked().reset()],
    [
      'one that does so in the middle',
      'http.get',
      'transfer-aborted',
      asked().respond('200 OK', CONTENT, 'hello').reset(),
    ],
    [
      'one that closes in the middle',
      'http.get',
      'transfer-aborted',
      asked().respond('200 OK', CONTENT, 'hello').disconnect('server'),
    ],
    ['a body that stops', 'http.get', 'transfer-stalled', asked().respond('200 OK', CONTENT, 'hello'), TRANSFER_MS],
  ])('%s: %s, %s', (_, step, cause, scene, idleMs) => {
    expect(failures(scene, idleMs)).toEqual([[step, cause]]);
  });
});

it('a client may hang up: it has seen enough, or goes on with another connection', () => {
  const { failed, named } = judge(asked().respond('200 OK', CONTENT, 'hello').disconnect());
  expect(failed).toEqual([]);
  expect(named('http.unfinished')).toMatchObject([
    { verdict: 'recorded', cause: 'transfer-stalled', detail: { path: '/a.efi', status: 200, bytes: 5 } },
  ]);
});

it('a file that nobody named may be missing', () => {
  const { failed, named } = judge(asked().respond('404 Not Found', ['Content-Length: 0']));
  expect(failed).toEqual([]);
  expect(named('http.error')).toMatchObject([{ verdict: 'recorded', cause: 'boot-file-missing' }]);
});

it('a body without a length ends with its connection', () => {
  const { failed, named } = judge(asked().respond('200 OK', [], 'x'.repeat(500)).disconnect());
  expect(failed).toEqual([]);
  expect(named('http.get')).toMatchObject([{ verdict: 'passed', detail: { path: '/a.efi', status: 200, bytes: 500 } }]);
});

it('a HEAD asks for the size, and a GET for a part is no short file', () => {
  const head = new HttpScene().connect().ask('HEAD', '/a.efi').respond('200 OK', CONTENT);
  const { failed, named } = judge(
    head.get('/a.efi', 'Range: bytes=0-4').respond('206 Partial Content', ['Content-Length: 5'], 'hello'),
  );
  expect(failed).toEqual([]);
  expect([named('http.head'), named('http.get')]).toMatchObject([[{ verdict: 'passed' }], [{ detail: { bytes: 5 } }]]);
});

it('silence is no incomplete body', () => {
  expect(judge(asked(), undefined, { idleMs: SILENCE_MS }).failed).toMatchObject([{ actual: 'no head of a response' }]);
});
