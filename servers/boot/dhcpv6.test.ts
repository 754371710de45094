import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { isMalformed } from '../../harness/packet/malformed.ts';
import { decodeDhcpv6, encodeDhcpv6 } from '../../harness/protocols/dhcpv6/wire/codec.ts';
import type { Dhcpv6Message, Dhcpv6Option } from '../../harness/protocols/dhcpv6/wire/message.ts';
import { everyOption, makeOption, option } from '../../harness/protocols/dhcpv6/wire/options.ts';
import { DHCPV6_TYPES, type Dhcpv6Type, dhcpv6TypeName } from '../../harness/protocols/dhcpv6/wire/types.ts';
import type { ServiceEvent } from '../service/event-lines.ts';
import { startDhcpv6 } from './dhcpv6.ts';
import { dhcpv6ConfigSchema } from './dhcpv6/config.ts';
import { portOf } from './testing/udp-client.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const URL = 'tftp://[fd77::1]/ipxe.efi';
const CLIENT = makeOption('clientId', { kind: 'link-layer', hardwareType: 1, address: '52:54:00:77:00:01' });
const IAID = 7;
const WANTS_ADDRESS = makeOption('iaNa', { iaid: IAID, t1: 0, t2: 0, options: [] });

async function server(over: Partial<z.input<typeof dhcpv6ConfigSchema>> = {}) {
  const events: ServiceEvent[] = [];
  const config = dhcpv6ConfigSchema.parse({
    interface: 'lo',
    range: { from: 'fd77::100', to: 'fd77::101' },
    bootfile: URL,
    ports: { server: 0 },
    ...over,
  });
  const running = await startDhcpv6(config, (event) => events.push(event));
  cleanups.push(() => running.stop());
  return { running, events, port: portOf(running.listening[0]) };
}

/** A client on loopback, by a socket of its own. */
class Client {
  readonly #socket: Socket;
  readonly #received: Buffer[] = [];
  #waiting: ((bytes: Buffer) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      if (this.#waiting) this.#waiting(bytes);
      else this.#received.push(bytes);
      this.#waiting = undefined;
    });
  }

  send(bytes: Uint8Array, port: number): void {
    this.#socket.send(bytes, port, '::1');
  }

  async ask(type: Dhcpv6Type, options: readonly Dhcpv6Option[], port: number): Promise<Dhcpv6Message> {
    this.send(encodeDhcpv6({ kind: 'dhcpv6', type: DHCPV6_TYPES[type], transaction: 0xabcdef, options }), port);
    const bytes = this.#received.shift() ?? (await new Promise<Buffer>((resolve) => (this.#waiting = resolve)));
    const message = decodeDhcpv6(bytes);
    if (message.kind !== 'dhcpv6') throw new Error(`expected an answer, got ${message.kind}`);
    return message;
  }
}

async function client(): Promise<Client> {
  const socket = createSocket('udp6');
  await new Promise<void>((resolve) => void socket.bind(0, '::1', resolve));
  cleanups.push(() => socket.close());
  return new Client(socket);
}

const typeOf = ({ type }: Dhcpv6Message): string => dhcpv6TypeName(type);
const serverOf = (message: Dhcpv6Message): Dhcpv6Option[] => message.options.filter(({ code }) => code === 2);
const given = (message: Dhcpv6Message) =>
  everyOption(message, 'iaNa').map((one) => (isMalformed(one) ? one : option(one, 'iaAddress')));

it('gives an address and a boot file in four messages, and stops cleanly', async () => {
  const { port, running, events } = await server({ dns: ['fd77::53'], preference: 255 });
  const pc = await client();
  const offer = await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port);
  expect(typeOf(offer)).toBe('ADVERTISE');
  expect(given(offer)).toMatchObject([{ address: 'fd77::100', preferred: 600, valid: 600 }]);
  expect(option(offer, 'bootFileUrl')).toBe(URL);
  expect(option(offer, 'dnsServers')).toEqual(['fd77::53']);
  expect(option(offer, 'preference')).toBe(255);
  const reply = await pc.ask('REQUEST', [CLIENT, ...serverOf(offer), WANTS_ADDRESS], port);
  expect([typeOf(reply), reply.transaction]).toEqual(['REPLY', 0xabcdef]);
  expect(given(reply)).toMatchObject([{ address: 'fd77::100' }]);
  expect(events).toMatchObject([
    { event: 'advertise', addresses: ['fd77::100'], bootfile: URL },
    { event: 'reply', message: 'REQUEST' },
  ]);
  expect(running.counters()).toEqual({ received: 2, refused: 0, sent: 2, lost: 0, leases: 1 });
});

it('gives the address at once where both want a rapid commit', async () => {
  const { port } = await server({ rapidCommit: true });
  const pc = await client();
  const reply = await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS, makeOption('rapidCommit', true)], port);
  expect([typeOf(reply), option(reply, 'rapidCommit')]).toEqual(['REPLY', true]);
  expect(typeOf(await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port))).toBe('ADVERTISE');
});

it('gives settings alone, and what was asked for', async () => {
  const { port } = await server({ range: undefined, dns: ['fd77::53'] });
  const pc = await client();
  const reply = await pc.ask('INFORMATION-REQUEST', [makeOption('optionRequest', [59])], port);
  expect([option(reply, 'bootFileUrl'), option(reply, 'dnsServers')]).toEqual([URL, undefined]);
  const [refused] = everyOption(await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port), 'iaNa');
  expect(refused && !isMalformed(refused) && option(refused, 'statusCode')).toMatchObject({ status: 2 });
});

it('chooses the boot file by user class, then by architecture', async () => {
  const { port } = await server({
    bootfiles: { '11': 'tftp://[fd77::1]/arm64.efi' },
    userClasses: { iPXE: 'http://[fd77::1]/boot.ipxe' },
  });
  const pc = await client();
  const fileFor = async (...options: Dhcpv6Option[]) =>
    option(await pc.ask('SOLICIT', [CLIENT, ...options], port), 'bootFileUrl');
  expect(await fileFor(makeOption('architectures', [7]))).toBe(URL);
  expect(await fileFor(makeOption('architectures', [11]))).toBe('tftp://[fd77::1]/arm64.efi');
  expect(await fileFor(makeOption('architectures', [11]), makeOption('userClass', ['iPXE']))).toBe(
    'http://[fd77::1]/boot.ipxe',
  );
});

it('gives parameters of the boot file to who asks for them', async () => {
  const { port } = await server({ parameters: ['quiet', 'console=ttyS0'] });
  const pc = await client();
  const told = async (...wanted: number[]) =>
    option(await pc.ask('SOLICIT', [CLIENT, makeOption('optionRequest', wanted)], port), 'bootFileParameters');
  expect([await told(59, 60), await told(59)]).toEqual([['quiet', 'console=ttyS0'], undefined]);
});

it('tells HTTP boot from PXE: a URL of its own, and the vendor class back', async () => {
  const { port } = await server({ bootfiles: { '16': 'http://[fd77::1]/ipxe.efi' } });
  const pc = await client();
  const http = [makeOption('vendorClass', { enterprise: 343, classes: ['HTTPClient:Arch:00016:UNDI:003001'] })];
  const told = async (architecture: number, ...more: Dhcpv6Option[]) => {
    const offer = await pc.ask('SOLICIT', [CLIENT, makeOption('architectures', [architecture]), ...more], port);
    return [option(offer, 'bootFileUrl'), option(offer, 'vendorClass')];
  };
  const vendorClass = { enterprise: 343, classes: ['HTTPClient'] };
  expect(await told(16, ...http)).toEqual(['http://[fd77::1]/ipxe.efi', vendorClass]);
  // Another firmware of HTTP boot: what there is for it is no HTTP URL.
  expect(await told(19, ...http)).toEqual([undefined, undefined]);
  expect(await told(7)).toEqual([URL, undefined]);
});

it('takes addresses back, and gives none that is in use', async () => {
  const { port, running } = await server();
  const pc = await client();
  const other = makeOption('iaNa', { iaid: 8, t1: 0, t2: 0, options: [] });
  const offer = await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port);
  const released = await pc.ask('RELEASE', [CLIENT, ...serverOf(offer), WANTS_ADDRESS], port);
  expect(option(released, 'statusCode')).toMatchObject({ status: 0 });
  expect(running.counters()).toMatchObject({ leases: 0 });
  await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port);
  await pc.ask('DECLINE', [CLIENT, ...serverOf(offer), WANTS_ADDRESS], port);
  expect(given(await pc.ask('SOLICIT', [CLIENT, other], port))).toMatchObject([{ address: 'fd77::101' }]);
  expect(given(await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port))).toEqual([undefined]);
});

it('does not answer what is for another server, nor what is no message of a client', async () => {
  const { port, events, running } = await server();
  const pc = await client();
  const nobody = makeOption('serverId', { kind: 'link-layer', hardwareType: 1, address: '00:00:5e:00:53:01' });
  pc.send(encodeDhcpv6({ kind: 'dhcpv6', type: 3, transaction: 1, options: [CLIENT, nobody, WANTS_ADDRESS] }), port);
  pc.send(encodeDhcpv6({ kind: 'dhcpv6', type: 2, transaction: 1, options: [CLIENT] }), port);
  pc.send(encodeDhcpv6({ kind: 'dhcpv6', type: 1, transaction: 1, options: [] }), port);
  await pc.ask('SOLICIT', [CLIENT], port);
  expect(events.slice(0, 3)).toMatchObject([
    { event: 'ignored' },
    { event: 'error', message: expect.stringContaining('ADVERTISE is no message of a client') as string },
    { event: 'error', message: expect.stringContaining('expected a client identifier') as string },
  ]);
  expect(running.counters()).toMatchObject({ received: 4, refused: 2, sent: 1 });
});

it('survives whatever comes', async () => {
  const { port, running } = await server();
  const pc = await client();
  const valid = encodeDhcpv6({ kind: 'dhcpv6', type: 1, transaction: 1, options: [CLIENT, WANTS_ADDRESS] });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, value]) => valid.with(at, value)),
  );
  for (const bytes of fc.sample(hostile, 200)) pc.send(bytes, port);
  const another = await client();
  expect(typeOf(await another.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port))).toBe('ADVERTISE');
  await expect.poll(() => running.counters()['received'], { timeout: 10_000 }).toBe(201);
});

describe('misbehaves as configured', () => {
  const asked = async (misbehave: z.input<typeof dhcpv6ConfigSchema>['misbehave'], count = 1) => {
    const { port, events, running } = await server({
      misbehave,
      bootfiles: { '11': 'tftp://[fd77::1]/arm64.efi' },
    });
    const pc = await client();
    let message: Dhcpv6Message | undefined;
    for (let time = 0; time < count; time++) message = await pc.ask('SOLICIT', [CLIENT, WANTS_ADDRESS], port);
    const request = async () => pc.ask('REQUEST', [CLIENT, ...(message ? serverOf(message) : []), WANTS_ADDRESS], port);
    const came = () => events.flatMap(({ event, how }) => (event === 'misbehaved' ? [how] : []));
    return { message, events, running, pc, port, request, came };
  };

  it('no address', async () => {
    const { message, running, came } = await asked({ 'no-address': true, 'unusable-url': false });
    expect(message && given(message)).toEqual([undefined]);
    expect([running.misbehaves, came()]).toEqual([['no-address'], ['no-address']]);
  });

  it('an unusable URL', async () => {
    const { message, came } = await asked({ 'unusable-url': true });
    expect(message && option(message, 'bootFileUrl')).toBe('fd77::1/ipxe.efi');
    expect(came()).toEqual(['unusable-url']);
  });

  it('the boot file of another architecture', async () => {
    const { message, came } = await asked({ 'other-architecture': 'uefi-arm64' });
    expect(message && option(message, 'bootFileUrl')).toBe('tftp://[fd77::1]/arm64.efi');
    expect(came()).toEqual(['other-architecture']);
  });

  it('wrong transaction, client and server, and an option left out', async () => {
    const { message, came } = await asked({ 'wrong-xid': true, 'wrong-client-id': true, 'omit-options': [59] });
    expect(came()).toEqual(['wrong-client-id', 'omit-options', 'wrong-xid']);
    expect(message?.transaction).toBe(0xabcdf0);
    expect(message && option(message, 'clientId')).toMatchObject({ address: '00:00:5e:00:53:01' });
    expect(message && option(message, 'bootFileUrl')).toBeUndefined();
    const { request, came: cameLate } = await asked({ 'wrong-server-id': true, 'omit-options': [82] });
    expect(cameLate()).toEqual([]);
    expect(option(await request(), 'serverId')).toMatchObject({ address: '00:00:5e:00:53:01' });
    expect(cameLate()).toEqual(['wrong-server-id']);
  });

  it('silence after so many answers', async () => {
    const { pc, port, events, came } = await asked({ silent: { after: 1 } });
    expect(came()).toEqual([]);
    pc.send(encodeDhcpv6({ kind: 'dhcpv6', type: 1, transaction: 3, options: [CLIENT] }), port);
    await expect.poll(() => events.at(-1)).toMatchObject({ event: 'lost', message: 'configured to be silent' });
    expect(came()).toEqual(['silent']);
  });
});

it('names what is wrong with its configuration', async () => {
  const problems = (over: object) =>
    dhcpv6ConfigSchema
      .safeParse({ interface: 'lo', ...over })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  expect(problems({ range: { from: 'fd77::2', to: 'fd77::1' } })).toEqual([
    'range: expected from to be no larger than to',
  ]);
  expect(problems({ range: { from: 'fd77::1', to: 'fd78::1' } })).toEqual([
    'range: expected both ends to have the same /64',
  ]);
  expect(problems({ preferredSeconds: 700 })).toEqual(['preferredSeconds: expected no more than validSeconds, 600']);
  const unknown = dhcpv6ConfigSchema.parse({ interface: 'nosuch0' });
  await expect(startDhcpv6(unknown, () => undefined)).rejects.toThrow('expected one with an IPv6 address');
});
