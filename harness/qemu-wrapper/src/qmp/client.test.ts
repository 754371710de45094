import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeQmpServer, GREETING, type FakeQmpServer } from '../../testing/fake-qmp-server.ts';
import { QmpClient, QmpCommandError } from './client.ts';
import type { QmpEvent } from './messages.ts';

let server: FakeQmpServer;
let client: QmpClient;
let events: QmpEvent[];
beforeEach(async () => {
  server = await fakeQmpServer();
  events = [];
  client = new QmpClient(server.socket, { onEvent: (event) => events.push(event) });
});
afterEach(() => server.close());

async function negotiated(): Promise<void> {
  server.say(GREETING);
  const negotiation = client.negotiate();
  const { execute, id } = await server.command();
  expect(execute).toBe('qmp_capabilities');
  server.say({ return: {}, id });
  await negotiation;
}

describe('QmpClient', () => {
  it('leaves negotiation mode and knows the version', async () => {
    await negotiated();
    expect(client.version).toBe('10.0.13');
  });

  it('sends arguments and tells results by id, whatever their order', async () => {
    await negotiated();
    const [first, second] = [client.execute('query-status'), client.execute('send-key', { keys: [] })];
    const [one, two] = [await server.command(), await server.command()];
    expect(two).toMatchObject({ execute: 'send-key', arguments: { keys: [] } });
    server.say({ return: 'second', id: two.id });
    server.say({ return: 'first', id: one.id });
    expect([await first, await second]).toEqual(['first', 'second']);
  });

  it('tells events apart from results', async () => {
    await negotiated();
    const status = client.execute('query-status');
    const { id } = await server.command();
    server.say({
      event: 'RESET',
      data: { guest: true, reason: 'guest-reset' },
      timestamp: { seconds: 1_700_000_000, microseconds: 42 },
    });
    server.say({ return: { status: 'running' }, id });
    expect(await status).toEqual({ status: 'running' });
    expect(events).toEqual([
      { name: 'RESET', data: { guest: true, reason: 'guest-reset' }, atUs: 1_700_000_000_000_042 },
    ]);
  });

  it('puts together messages that come in single bytes', async () => {
    await negotiated();
    const status = client.execute('query-name');
    const { id } = await server.command();
    for (const byte of Buffer.from(`${JSON.stringify({ return: { name: 'Prüfling' }, id })}\r\n`))
      server.say(Uint8Array.of(byte));
    expect(await status).toEqual({ name: 'Prüfling' });
  });

  it('rejects with the command, the class and the description when it is refused', async () => {
    await negotiated();
    const refused = client.execute('screendump');
    const { id } = await server.command();
    server.say({ error: { class: 'GenericError', desc: 'there is no console' }, id });
    await expect(refused).rejects.toThrow(new QmpCommandError('screendump', 'GenericError', 'there is no console'));
  });

  it('names both times when no answer comes, and keeps the late answer', async () => {
    await negotiated();
    const late = client.execute('stop', {}, { deadlineMs: 100 });
    const { id } = await server.command();
    await expect(late).rejects.toThrow(/qmp command stop: waited \d+\.\d s of 0\.1 s/);
    server.say({ return: {}, id });
    const next = client.execute('cont');
    server.say({ return: {}, id: (await server.command()).id });
    await next;
    expect(client.unknown).toEqual([JSON.stringify({ return: {}, id })]);
  });

  it('names both times when no greeting comes', async () => {
    await expect(client.negotiate(100)).rejects.toThrow(/^.*qmp greeting: waited \d\.\d s of 0\.1 s/);
  });

  it('keeps lines that it does not understand and goes on', async () => {
    await negotiated();
    server.say(Buffer.from('no json\n[1]\n{"return":{}}\n'));
    const next = client.execute('cont');
    server.say({ return: {}, id: (await server.command()).id });
    await next;
    expect(client.unknown).toEqual(['no json', '[1]', '{"return":{}}']);
  });

  it('rejects what waits, and what comes later, with the explanation of a broken connection', async () => {
    const explained = new QmpClient(server.socket, {
      onEvent: () => undefined,
      explainEnd: (broken) => Promise.resolve(new Error('VM died: bad ROM', { cause: broken })),
    });
    const waiting = explained.execute('query-status');
    server.hangUp();
    await expect(waiting).rejects.toThrow('VM died: bad ROM');
    await expect(explained.execute('cont')).rejects.toThrow('VM died: bad ROM');
  });
});
