import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type * as z from 'zod';
import type { ServiceEvent } from '../service/event-lines.ts';
import { startHttp } from './http.ts';
import { httpConfigSchema } from './http/config.ts';
import { decideHttp } from './http/decision.ts';
import { portOf } from './testing/udp-client.ts';

const run = promisify(execFile);
let base = '';
const cleanups: (() => unknown)[] = [];
const body = Buffer.alloc(300_000, 'efi');
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'http-'));
  await writeFile(join(base, 'Boot x64.efi'), body);
});
afterAll(() => rm(base, { recursive: true }));
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function http(
  over: Partial<z.input<typeof httpConfigSchema>> = {},
  events: ServiceEvent[] = [],
): Promise<string> {
  const running = await startHttp(
    httpConfigSchema.parse({ address: '127.0.0.1', port: 0, root: base, ...over }),
    (event) => void events.push(event),
  );
  cleanups.push(() => running.stop());
  return `http://127.0.0.1:${portOf(running.listening[0])}`;
}

it('serves over IPv6', async () => {
  const running = await startHttp(httpConfigSchema.parse({ address: '::1', port: 0, root: base }), () => undefined);
  cleanups.push(() => running.stop());
  const [listening = ''] = running.listening;
  expect(listening).toMatch(/^\[::1\]:\d+\/tcp$/);
  const get = await fetch(`http://${listening.replace('/tcp', '')}/BOOT%20x64.efi`);
  expect(Buffer.from(await get.arrayBuffer()).equals(body)).toBe(true);
});

it('serves the same at a second address', async () => {
  const running = await startHttp(
    httpConfigSchema.parse({ address: '127.0.0.1', ipv6: '::1', port: 0, root: base }),
    () => undefined,
  );
  cleanups.push(() => running.stop());
  expect(running.listening).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+\/tcp$/),
    expect.stringMatching(/^\[::1\]:\d+\/tcp$/),
  ]);
  for (const listening of running.listening)
    expect((await fetch(`http://${listening.replace('/tcp', '')}/BOOT%20x64.efi`)).status).toBe(200);
});

it('serves GET, HEAD and ranges under any spelling of the name, as UEFI HTTP boot asks (harness/docs/protocols.md 7)', async () => {
  const url = `${await http()}/BOOT%20x64.efi`;
  const get = await fetch(url);
  expect(Buffer.from(await get.arrayBuffer()).equals(body)).toBe(true);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
    200,
    '300000',
    expect.any(String),
  ]);
  const range = await fetch(url, { headers: { range: 'bytes=299999-' } });
  expect([range.status, await range.text()]).toEqual([206, 'i']);
  expect(
    (await fetch(`${await http({ etag: false })}/boot%20x64.efi`, { method: 'HEAD' })).headers.get('etag'),
  ).toBeNull();
});

it.each([
  ['/nothing', 404],
  ['/..%2f..%2fetc/passwd', 403],
  ['/%00', 403],
  ['/%zz', 400],
  ['/', 403],
])('answers %s with %i', async (path, status) => {
  expect((await fetch(`${await http()}${path}`)).status).toBe(status);
});

it('refuses curl links that lead out and special files, also those that come later, and serves those that stay inside', async () => {
  const events: ServiceEvent[] = [];
  const url = await http({}, events);
  const links = {
    leak: '/etc/passwd',
    up: `../${basename(base)}/../../etc/passwd`,
    chain: 'leak',
    etc: '/etc',
    gone: 'nowhere',
    'inside.efi': 'Boot x64.efi',
  };
  for (const [name, target] of Object.entries(links)) {
    await symlink(target, join(base, name));
    cleanups.push(() => rm(join(base, name)));
  }
  await run('mkfifo', [join(base, 'fifo')]);
  cleanups.push(() => rm(join(base, 'fifo')));
  const curl = async (name: string): Promise<string> =>
    (
      await run('curl', [
        '-s',
        '--max-time',
        '10',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code} %{size_download}',
        `${url}/${name}`,
      ])
    ).stdout;
  expect(await curl('inside.efi')).toBe('200 300000');
  for (const name of ['leak', 'up', 'chain', 'etc/passwd', 'fifo']) expect(await curl(name), name).toMatch(/^403 /);
  expect(await curl('gone')).toMatch(/^404 /);
  await expect
    .poll(() => events.map(({ message }) => message))
    .toEqual([
      undefined,
      'leak leads out of the root folder by a link',
      'up leads out of the root folder by a link',
      'chain leads out of the root folder by a link',
      'etc leads out of the root folder by a link',
      'fifo is a FIFO, and only files are served',
      'gone is a dangling link',
    ]);
});

it('refuses other methods and says which work', async () => {
  const response = await fetch(await http(), { method: 'PUT', body: 'x' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

it('misbehaves when told to', async () => {
  const path = '/boot%20x64.efi';
  const events: ServiceEvent[] = [];
  expect((await fetch(`${await http({ misbehave: { status: 503 } }, events)}${path}`)).status).toBe(503);
  const moved = await fetch(`${await http({ misbehave: { redirect: '/elsewhere.efi' } }, events)}${path}`, {
    redirect: 'manual',
  });
  expect([moved.status, moved.headers.get('location')]).toEqual([302, '/elsewhere.efi']);
  const cut = await fetch(`${await http({ misbehave: { 'truncate-after': 1000 } }, events)}${path}`);
  expect(cut.headers.get('content-length')).toBe('300000');
  await expect(cut.arrayBuffer()).rejects.toThrow();
  // Nothing is cut off a file that is shorter.
  const whole = await fetch(`${await http({ misbehave: { 'truncate-after': 300_000, delay: 1 } }, events)}${path}`);
  expect((await whole.arrayBuffer()).byteLength).toBe(300_000);
  expect(events.filter(({ event }) => event === 'misbehaved').map(({ how }) => how)).toEqual([
    'status',
    'redirect',
    'truncate-after',
    'delay',
  ]);
});

it('reads targets in origin and absolute form, without query (RFC 9112 section 3.2)', () => {
  expect(decideHttp('GET', '/a%5Cb?x=1#y', {})).toEqual({ file: '/a\\b' });
  expect(decideHttp('GET', 'http://172.22.52.207:80/a', {})).toEqual({ file: '/a' });
  expect(decideHttp('GET', '/a', { redirect: 'http://h/a' })).toEqual({ file: '/a' });
});
