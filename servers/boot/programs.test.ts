import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dhcpService } from './dhcp.ts';
import { dhcpv6Service } from './dhcpv6.ts';
import { httpService } from './http.ts';
import { proxydhcpService } from './proxydhcp.ts';
import { routerAdvertisementsService } from './router-advertisements.ts';
import { tftpService } from './tftp.ts';

/** Runs a service program; `onLine` sees each event line. */
function program(name: string, config: unknown, onLine: (event: string, stop: () => void) => void = () => undefined) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.ts`, import.meta.url)), '--config', '-']);
  let out = '';
  let err = '';
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
    for (const line of piece.toString().trim().split('\n'))
      onLine((JSON.parse(line) as { event: string }).event, () => child.kill('SIGTERM'));
  });
  child.stdin.end(JSON.stringify(config));
  return new Promise<{ code: number | null; events: { event: string }[]; err: string }>((resolve) => {
    child.on('close', (code) =>
      resolve({
        code,
        err,
        events: out
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as { event: string }),
      }),
    );
  });
}

it('says that it is ready, then on SIGTERM that it stopped, and exits with 0', async () => {
  const { code, events, err } = await program('tftp', { address: '127.0.0.1', port: 0, root: '.' }, (event, stop) => {
    if (event === 'ready') stop();
  });
  expect([code, err]).toEqual([0, '']);
  expect(events).toMatchObject([
    {
      event: 'ready',
      service: 'tftp',
      listening: [expect.stringMatching(/^127\.0\.0\.1:\d+\/udp$/)],
      atUs: expect.any(Number) as number,
    },
    { event: 'stopped', counters: { requests: 0, transfers: 0 } },
  ]);
});

it('names field, expected and got of a configuration it cannot use, and exits with 3', async () => {
  const { code, err } = await program('dhcp', {
    address: '172.22.52.1',
    subnet: '172.22.52.0',
    prefixLength: 24,
    range: { from: '10.0.0.1', to: '172.22.52.9' },
    lease: 1,
  });
  expect(code).toBe(3);
  expect(err).toContain('Unrecognized key: "lease"');
  const range = await program('dhcp', {
    address: '172.22.52.1',
    subnet: '172.22.52.0',
    prefixLength: 24,
    range: { from: '10.0.0.1', to: '172.22.52.9' },
  });
  expect(range.err).toBe('dhcp: range.from: expected an address in 172.22.52.0/24, got "10.0.0.1"\n');
});

it('exits with 2 when it cannot listen, and says where', async () => {
  const { code, err } = await program('http', { address: '192.0.2.1', port: 1, root: '.' });
  expect(code).toBe(2);
  expect(err).toMatch(/^http: starting: binding 192\.0\.2\.1:1\/tcp: /);
});

describe('the example in --help', () => {
  it.each(
    [dhcpService, dhcpv6Service, proxydhcpService, routerAdvertisementsService, tftpService, httpService].map(
      (service) => [service.name, service] as const,
    ),
  )('of %s is a valid configuration', (_, service) => {
    expect(service.schema.safeParse(service.example).error).toBeUndefined();
  });
});

it.each(['servers/boot/tftp.ts', 'servers/images/smb.ts'])(
  '--help of %s names the program that it explains',
  (file) => {
    const { stdout, status } = spawnSync(process.execPath, [file, '--help'], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toBe(`node ${file} --config FILE     (- reads standard input)`);
  },
);
