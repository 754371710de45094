import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { decodeTftp, encodeTftp } from '../../harness/protocols/tftp/wire/codec.ts';
import type { TftpPacket } from '../../harness/protocols/tftp/wire/message.ts';
import type { ServiceEvent } from '../service/event-lines.ts';
import { portOf, UdpClient } from './testing/udp-client.ts';
import { startTftp } from './tftp.ts';
import { tftpConfigSchema } from './tftp/config.ts';

const run = promisify(execFile);
let root = '';
const contents = {
  'Boot.bin': Buffer.alloc(700_001, 'boot'),
  empty: Buffer.alloc(0),
  exact: Buffer.alloc(1024, 7),
  'text.txt': Buffer.from('one\ntwo\n'),
};
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tftp-'));
  for (const [name, bytes] of Object.entries(contents)) await writeFile(join(root, name), bytes);
});
afterAll(() => rm(root, { recursive: true }));
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function tftp(over: Partial<z.input<typeof tftpConfigSchema>> = {}) {
  const events: ServiceEvent[] = [];
  const running = await startTftp(
    tftpConfigSchema.parse({ address: '127.0.0.1', port: 0, root, timeoutMs: 50, ...over }),
    (event) => events.push(event),
  );
  cleanups.push(() => running.stop());
  return { running, events, port: portOf(running.listening[0]) };
}

async function client(): Promise<UdpClient> {
  const opened = await UdpClient.open();
  cleanups.push(() => opened.close());
  return opened;
}

const rrq = (filename: string, options: Record<string, string> = {}, mode = 'octet'): Uint8Array =>
  encodeTftp({
    kind: 'tftp',
    op: 'read-request',
    filename,
    mode,
    options: Object.entries(options).map(([name, value]) => ({ name, value })),
  });
const ack = (block: number): Uint8Array => encodeTftp({ kind: 'tftp', op: 'ack', block });
const packet = ([bytes]: [Buffer, unknown]): TftpPacket => {
  const decoded = decodeTftp(bytes);
  if (decoded.kind === 'malformed') throw new Error(decoded.reason);
  return decoded;
};

/** Fetches as a plain client does: acknowledges in order, one block at a time. */
async function fetchFile(pc: UdpClient, port: number, filename: string, mode = 'octet'): Promise<Buffer> {
  pc.send(rrq(filename, {}, mode), port);
  const blocks: Buffer[] = [];
  for (;;) {
    const datagram = await pc.receive(`block ${blocks.length + 1} of ${filename}`);
    const data = packet(datagram);
    if (data.op !== 'data') throw new Error(`expected DATA, got ${JSON.stringify(data)}`);
    if (data.block === ((blocks.length + 1) & 0xffff)) blocks.push(Buffer.from(data.data));
    pc.send(ack(data.block), datagram[1].port);
    if (data.dataLength < 512) return Buffer.concat(blocks);
  }
}

describe('real clients', () => {
  const curl = async (port: number, name: string, ...args: string[]): Promise<Buffer> =>
    (
      await run('curl', ['-sS', '--max-time', '10', ...args, `tftp://127.0.0.1:${port}/${name}`], {
        encoding: 'buffer',
        maxBuffer: 1 << 24,
      })
    ).stdout;

  it.each([[[]], [['--tftp-blksize', '1456']], [['--tftp-no-options']]])(
    'curl %j fetches what is there',
    async (args) => {
      const { port, running } = await tftp();
      // curl 8.14 takes tsize 0 in an OACK, which is what an empty file has, for an error; without options it takes the
      // file.
      for (const [name, bytes] of Object.entries(contents))
        if (bytes.length > 0 || args.includes('--tftp-no-options'))
          expect((await curl(port, name.toUpperCase(), ...args)).equals(bytes)).toBe(true);
      await expect.poll(() => running.server.sessions).toBe(0);
      expect(running.counters()).toMatchObject({ bytes: 700_001 + 1024 + 8 });
    },
  );

  it('curl learns that a file is missing, and that it may not write', async () => {
    const { port, events } = await tftp({ misbehave: { missing: ['BOOT.bin'] } });
    const came = () => events.filter(({ event }) => event === 'misbehaved');
    await expect(curl(port, 'nothing')).rejects.toMatchObject({ code: 68 });
    expect(came()).toEqual([]);
    await expect(curl(port, 'Boot.bin')).rejects.toMatchObject({ code: 68 });
    expect(came()).toEqual([{ event: 'misbehaved', how: 'missing' }]);
    await expect(curl(port, 'x', '-T', join(root, 'exact'))).rejects.toMatchObject({ code: 69 });
  });

  it('curl is refused links that lead out and special files, also those that come later, and gets those that stay inside', async () => {
    const { port, events } = await tftp();
    const secret = join(root, '..', `${basename(root)}-secret`);
    await writeFile(secret, 'of the host');
    cleanups.push(() => rm(secret));
    const links = {
      leak: secret,
      up: `../${basename(secret)}`,
      chain: 'leak',
      to: '..',
      gone: 'nowhere',
      inside: 'exact',
    };
    for (const [name, target] of Object.entries(links)) {
      await symlink(target, join(root, name));
      cleanups.push(() => rm(join(root, name)));
    }
    await run('mkfifo', [join(root, 'fifo')]);
    cleanups.push(() => rm(join(root, 'fifo')));
    for (const name of ['leak', 'up', 'chain', `to/${basename(secret)}`, 'fifo'])
      await expect(curl(port, name), name).rejects.toMatchObject({ code: 69 });
    await expect(curl(port, 'gone')).rejects.toMatchObject({ code: 68 });
    expect((await curl(port, 'inside')).equals(contents.exact)).toBe(true);
    expect(events.map(({ code, message }) => [code, message])).toEqual([
      [2, 'leak leads out of the root folder by a link'],
      [2, 'up leads out of the root folder by a link'],
      [2, 'chain leads out of the root folder by a link'],
      [2, 'to leads out of the root folder by a link'],
      [2, 'fifo is a FIFO, and only files are served'],
      [1, 'file not found: gone is a dangling link'],
      [undefined, undefined],
    ]);
  });

  it('curl fetches a file over IPv6', async () => {
    const { running } = await tftp({ address: '::1' });
    const [listening = ''] = running.listening;
    expect(listening).toMatch(/^\[::1\]:\d+\/udp$/);
    const url = `tftp://${listening.replace('/udp', '')}/Boot.bin`;
    const { stdout } = await run('curl', ['--globoff', '--silent', '--fail', url], {
      encoding: 'buffer',
      maxBuffer: 1e6,
    });
    expect(stdout.equals(contents['Boot.bin'])).toBe(true);
  });

  it('serves the same at a second address, each from where it was asked', async () => {
    const { running } = await tftp({ ipv6: '::1' });
    for (const listening of running.listening) {
      const url = `tftp://${listening.replace('/udp', '')}/Boot.bin`;
      const { stdout } = await run('curl', ['--globoff', '--silent', '--fail', url], {
        encoding: 'buffer',
        maxBuffer: 1e6,
      });
      expect(stdout.equals(contents['Boot.bin']), url).toBe(true);
    }
    expect(running.listening).toHaveLength(2);
  });

  it('a single port serves several at once', async () => {
    const { port } = await tftp({ singlePort: true });
    const files = await Promise.all([1, 2, 3, 4].map(() => curl(port, 'Boot.bin')));
    for (const file of files) expect(file.equals(contents['Boot.bin'])).toBe(true);
  });
});

describe('on the wire', () => {
  it('ends a size probe without a word, whichever error ends it (harness/docs/protocols.md 2.2)', async () => {
    const { port, running, events } = await tftp();
    const pc = await client();
    pc.send(rrq('boot.bin', { tsize: '0' }), port);
    const [bytes, from] = await pc.receive('OACK');
    expect(packet([bytes, from])).toMatchObject({ op: 'option-ack', options: [{ name: 'tsize', value: '700001' }] });
    expect(from.port).not.toBe(port);
    pc.send(encodeTftp({ kind: 'tftp', op: 'error', code: 0, message: 'TFTP Aborted' }), from.port);
    await expect.poll(() => running.server.sessions).toBe(0);
    expect(events).toMatchObject([{ event: 'transfer', outcome: 'probed' }]);
  });

  it('tells a stranger so and goes on with its client (RFC 1350 section 4)', async () => {
    const { port } = await tftp();
    const [pc, stranger] = [await client(), await client()];
    pc.send(rrq('exact'), port);
    const [, from] = await pc.receive('block 1');
    stranger.send(ack(1), from.port);
    expect(packet(await stranger.receive('ERROR'))).toMatchObject({ op: 'error', code: 5 });
    pc.send(ack(1), from.port);
    expect(packet(await pc.receive('block 2'))).toMatchObject({ op: 'data', block: 2 });
  });

  it('answers a repeated request from the same port once more, not with a second transfer', async () => {
    const { port, running } = await tftp({ timeoutMs: 60_000 });
    const pc = await client();
    pc.send(rrq('exact', { blksize: '600' }), port);
    const [, first] = await pc.receive('OACK');
    pc.send(rrq('exact', { blksize: '600' }), port);
    const [, second] = await pc.receive('OACK again');
    expect(second.port).toBe(first.port);
    expect(running.counters()).toMatchObject({ requests: 1, transfers: 1 });
  });

  it('converts text (RFC 1350 section 1: netascii)', async () => {
    const { port } = await tftp();
    expect((await fetchFile(await client(), port, 'text.txt', 'NetASCII')).toString()).toBe('one\r\ntwo\r\n');
  });

  it('refuses more transfers than its limit, and serves again when one has ended', async () => {
    const { port, running, events } = await tftp({ limits: { transfers: 1 }, retries: 0 });
    const [one, two] = [await client(), await client()];
    one.send(rrq('exact'), port);
    await one.receive('block 1');
    two.send(rrq('exact'), port);
    expect(packet(await two.receive('ERROR'))).toMatchObject({ op: 'error', code: 0 });
    expect(events).toMatchObject([{ event: 'error', message: '1 transfers already, try again later' }]);
    await expect.poll(() => running.server.sessions).toBe(0);
    expect(await fetchFile(two, port, 'empty')).toHaveLength(0);
  });

  it('answers from the well-known port when told to misbehave so', async () => {
    const { port, events } = await tftp({ misbehave: { 'data-from-port-69': true, 'drop-block': [2], delay: 1 } });
    const pc = await client();
    pc.send(rrq('exact'), port);
    expect((await pc.receive('block 1'))[1].port).toBe(port);
    expect(events.flatMap(({ event, how }) => (event === 'misbehaved' ? [how] : []))).toEqual([
      'delay',
      'data-from-port-69',
    ]);
  });

  it('takes its ports from the configured range', async () => {
    const { port } = await tftp({ portRange: { from: 64_001, to: 64_009 } });
    const [one, two] = [await client(), await client()];
    for (const pc of [one, two]) pc.send(rrq('exact'), port);
    const ports = [(await one.receive('block 1'))[1].port, (await two.receive('block 1'))[1].port];
    expect(new Set(ports).size).toBe(2);
    for (const taken of ports) expect(taken).toSatisfy((number: number) => number >= 64_001 && number <= 64_009);
  });
});

it('serves the next client after any datagram, and forgets every transfer', async () => {
  const { port, running } = await tftp({ timeoutMs: 20, retries: 0 });
  const [attacker, pc] = [await client(), await client()];
  const valid = rrq('exact', { blksize: '1456', tsize: '0', windowsize: '4' });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6), fc.uint8Array({ maxLength: 40 }))
      .map(([op, rest]) => Uint8Array.of(0, op, ...rest)),
    fc
      .tuple(fc.nat(valid.length - 1), fc.nat(255))
      .map(([at, value]) => Uint8Array.from(valid, (byte, i) => (i === at ? value : byte))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 15 }), async (datagrams) => {
      for (const datagram of datagrams) attacker.send(datagram, port);
      pc.send(rrq('exact', { blksize: '1024' }), port);
      const [, from] = await pc.receive('OACK');
      pc.send(datagrams[0] ?? valid, from.port); // garbage in the middle of a transfer ends at most that transfer
      pc.send(encodeTftp({ kind: 'tftp', op: 'error', code: 0, message: 'enough' }), from.port);
      await expect.poll(() => running.server.sessions, { interval: 5 }).toBe(0);
      pc.drain();
    }),
    { numRuns: 40 },
  );
  expect(await fetchFile(await client(), port, 'exact')).toEqual(contents.exact);
});
