import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { RPC_SYNTAXES } from '../../harness/protocols/rpc/wire/codec.ts';
import type { WdsVariable } from '../../harness/protocols/wds/wire/codec.ts';
import { RpcClient, type Authentication } from '../../harness/played-clients/rpc-client.ts';
import { controlPort, WdsControlClient } from '../../harness/played-clients/wds-control-client.ts';
import type { ServiceEvent } from '../service/event-lines.ts';
import { startControl } from './control.ts';
import { controlConfigSchema } from './control/config.ts';
import { PduFramer } from './rpc/pdu-framer.ts';
import { SESSIONS } from './testing/recorded-sessions.ts';

// Our own client against our own service, in this process: what impacket and Samba cannot be made to do. That both
// speak the protocol is shown by control.lab.test.ts.

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface Started {
  readonly port: number;
  readonly mapperPort: number;
  readonly events: readonly ServiceEvent[];
}

async function started(changes: object = {}): Promise<Started> {
  const events: ServiceEvent[] = [];
  const service = await startControl(
    controlConfigSchema.parse({ address: '127.0.0.1', port: 0, endpointMapperPort: 0, ...changes }),
    (event) => void events.push(event),
  );
  running.push(() => service.stop());
  const ports = service.listening.map((text) => Number(/:(\d+)\//.exec(text)?.[1]));
  return { port: ports[0] ?? 0, mapperPort: ports[1] ?? ports[0] ?? 0, events };
}

const USER: Authentication = {
  type: 'ntlm',
  level: 6,
  domain: 'SYSTEM',
  user: 'administrateur',
  password: 'Passw0rd.lab',
};
const VERSION: WdsVariable = { name: 'VERSION', type: 4, values: [1] };
const CLIENT: readonly WdsVariable[] = [
  VERSION,
  { name: 'CLIENT_MAC', type: 0x20, values: ['001122334455'] },
  { name: 'CLIENT_GUID', type: 0x20, values: ['11223344556677578058C2C04F503931'] },
];

async function client(port: number, authentication?: Authentication, maxFragment?: number): Promise<WdsControlClient> {
  const made = await WdsControlClient.connect('127.0.0.1', port, {
    maxFragment,
  });
  running.push(() => {
    made.close();
    return Promise.resolve();
  });
  if (authentication) await made.authenticate(authentication);
  return made;
}

/** The end of a connection, be it a reset: `once` would take that for a failure. */
const ended = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once('close', () => resolve()));

/** Sends bytes, takes what comes back, and waits until the server closes; `end`: says that nothing more comes. */
async function raw(port: number, bytes: Uint8Array, { end = false } = {}): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.resume().on('error', () => undefined);
  if (end) socket.end(bytes);
  else socket.write(bytes);
  await ended(socket);
}

/** A port in front of another one: every request on its way there has a bit of its stub flipped. */
async function changingProxy(port: number): Promise<number> {
  const proxy = createServer((toClient) => {
    const toServer = connect(port, '127.0.0.1');
    const framer = new PduFramer(0xffff);
    toServer.on('error', () => toClient.destroy()).pipe(toClient);
    toClient
      .on('error', () => undefined)
      .on('close', () => toServer.destroy())
      .on('data', (chunk: Buffer) => {
        for (const pdu of framer.push(chunk)) {
          if (!(pdu instanceof Uint8Array)) throw new Error(pdu.reason);
          const changed = Uint8Array.from(pdu);
          if (pdu[2] === 0) changed[30] = (pdu[30] ?? 0) ^ 1;
          toServer.write(changed);
        }
      });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  running.push(async () => {
    proxy.close();
    await once(proxy, 'close');
  });
  return (proxy.address() as { port: number }).port;
}

describe('the control service', () => {
  it.each(['ntlm', 'spnego'] as const)('answers a user who logs on by %s after an anonymous bind', async (type) => {
    const { port } = await started({ organization: 'Lab' });
    const wds = await client(port);
    expect(await wds.request(6, CLIENT)).toMatchObject({ code: 5 });
    await wds.authenticate({ ...USER, type });
    for (let i = 0; i < 3; i++) expect((await wds.request(6, CLIENT)).variables.get('ORGNAME')).toBe('Lab');
  });

  it('refuses a wrong password by AUTH3 with the first call, by SPNEGO at once', async () => {
    const { port } = await started();
    const wds = await client(port, { ...USER, password: 'wrong' });
    await expect(wds.request(6, CLIENT)).rejects.toThrow('fault 0x00000005');
    await expect(client(port, { ...USER, type: 'spnego', password: 'wrong' })).rejects.toThrow('fault 0x00000005');
  });

  it('takes integrity, too, when it does not insist on privacy', async () => {
    const { port } = await started({ requirePrivacy: false });
    expect(await (await client(port, { ...USER, level: 5 })).request(6, CLIENT)).toMatchObject({ code: 0 });
  });

  it('sends no fragment that is larger than the client said', async () => {
    const { port } = await started({ organization: 'x'.repeat(200) });
    const wds = await client(port, USER, 300);
    expect((await wds.request(6, CLIENT)).variables.get('ORGNAME')).toBe('x'.repeat(200));
  });

  it('is found by the endpoint mapper, where there is one', async () => {
    const { port, mapperPort } = await started();
    expect(mapperPort).not.toBe(port);
    expect(await controlPort('127.0.0.1', mapperPort)).toBe(port);
    const without = await started({ endpointMapper: false });
    await expect(controlPort('127.0.0.1', without.port)).rejects.toThrow('refused the interface (result 2, reason 1)');
  });

  it('faults a sealed request that was changed on its way, and ends the connection', async () => {
    const { port, events } = await started();
    const rpc = await RpcClient.connect('127.0.0.1', await changingProxy(port));
    running.push(() => {
      rpc.close();
      return Promise.resolve();
    });
    await rpc.bind(RPC_SYNTAXES.wdsControl);
    await rpc.authenticate(USER);
    await expect(rpc.call(0, new Uint8Array(16))).rejects.toThrow('fault 0x00000721');
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'fault', message: 'the signature of a request is wrong' }),
    );
  });
});

describe('its limits', () => {
  const closed = (message: string) =>
    expect.objectContaining({ event: 'error', message: `closed a connection: ${message}` }) as ServiceEvent;

  it('end a connection that never binds, and one whose fragment or request never ends, and say so', async () => {
    const { port, events } = await started({ limits: { incompleteMs: 150 } });
    const [session = []] = SESSIONS;
    const [bind = Buffer.alloc(0), call = Buffer.alloc(0)] = session;
    const halfCall = Uint8Array.from(call);
    halfCall[3] = 1; // first fragment, not the last
    await Promise.all([
      raw(port, new Uint8Array(0)),
      raw(port, bind.subarray(0, 20)),
      raw(port, Buffer.concat([bind, call.subarray(0, 30)])),
      raw(port, Buffer.concat([bind, halfCall])),
    ]);
    const whole = closed('a fragment or request was not whole within 150 ms');
    expect(events.filter(({ event }) => event === 'error')).toEqual(
      expect.arrayContaining([closed('no bind within 150 ms'), whole]) as unknown,
    );
    expect(
      events.filter(
        ({ message }) => message === 'closed a connection: a fragment or request was not whole within 150 ms',
      ),
    ).toHaveLength(3);
  });

  it('are not pushed back by a byte now and then', async () => {
    const { port, events } = await started({ limits: { incompleteMs: 200 } });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const drip = setInterval(() => socket.write(Uint8Array.of(5)), 20);
    await ended(socket);
    clearInterval(drip);
    expect(events).toContainEqual(closed('a fragment or request was not whole within 200 ms'));
  });

  it('end a silent connection', async () => {
    const { port, events } = await started({ limits: { idleMs: 100 } });
    await raw(port, SESSIONS[0]?.[0] ?? Buffer.alloc(0));
    expect(events).toContainEqual(closed('nothing came within 100 ms'));
  });

  it('close a connection too many at once, and the others go on', async () => {
    const { port, events } = await started({ limits: { connections: 1 } });
    const first = await client(port);
    await expect(client(port)).rejects.toThrow();
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'error', message: 'refused a connection: 1 are open already' }),
    );
    expect(await first.request(3, [VERSION])).toMatchObject({ code: 0 });
  });
});

describe('what it does on purpose', () => {
  const came = (events: readonly ServiceEvent[]) =>
    events.flatMap(({ event, how }) => (event === 'misbehaved' ? [how] : []));

  it('refuses binds', async () => {
    const { port, events } = await started({ misbehave: { 'refuse-bind': 1 } });
    await expect(client(port)).rejects.toThrow('the server refused the bind (reason 1)');
    expect(came(events)).toEqual(['refuse-bind']);
  });

  it('faults an operation, or answers with an error code', async () => {
    const { port, events } = await started({
      misbehave: { faults: { LOG_INIT: 0x1c010002 }, errors: { GET_CLIENT_UNATTEND: 1168 } },
    });
    const wds = await client(port);
    await expect(wds.request(3, [VERSION])).rejects.toThrow('fault 0x1c010002');
    expect(came(events)).toEqual(['faults']);
    expect(await wds.request(5, CLIENT)).toMatchObject({ code: 1168 });
    expect(came(events)).toEqual(['faults', 'errors']);
  });

  it('drops the connection after AUTH3', async () => {
    const { port, events } = await started({ misbehave: { 'drop-after-auth3': true, delay: 1 } });
    const wds = await client(port, USER);
    await expect(wds.request(6, CLIENT)).rejects.toThrow();
    expect(came(events)).toEqual(['delay', 'drop-after-auth3']);
  });
});

describe('fuzzed', () => {
  const change = fc.record({
    at: fc.nat(),
    value: fc.nat(255),
    kind: fc.constantFrom('set', 'cut', 'repeat', 'insert'),
  });
  const session = fc
    .tuple(fc.constantFrom(...SESSIONS), fc.array(change, { maxLength: 4 }))
    .map(([pdus, changes]) => changes.reduce<Buffer>(changed, Buffer.concat(pdus)));

  function changed(bytes: Buffer, { at, value, kind }: { at: number; value: number; kind: string }): Buffer {
    const place = at % Math.max(1, bytes.length);
    if (kind === 'cut') return bytes.subarray(0, place);
    if (kind === 'repeat') return Buffer.concat([bytes, bytes.subarray(place)]);
    if (kind === 'insert')
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([value]), bytes.subarray(place)]);
    const copy = Buffer.from(bytes);
    copy[place] = value;
    return copy;
  }

  it('by changed sessions and by noise, it still answers a good client', async () => {
    const { port, events } = await started();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            { weight: 5, arbitrary: session },
            { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
          ),
          { minLength: 8, maxLength: 8 },
        ),
        async (sessions) => {
          await Promise.all(sessions.map((bytes) => raw(port, bytes, { end: true })));
        },
      ),
      { numRuns: 20 },
    );
    // What a client sends may end its connection by a refusal, never by an exception.
    expect(events.filter(({ message }) => String(message).startsWith('ended a connection'))).toEqual([]);
    expect((await (await client(port, USER)).request(6, CLIENT)).code).toBe(0);
  });
});
