import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type * as z from 'zod';
import type { DhcpMessage } from '../../harness/protocols/dhcp/wire/message.ts';
import { wdsBootProgramOption, wdsValues } from '../../harness/protocols/dhcp/wire/wds.ts';
import { decodeDhcp } from '../../harness/protocols/dhcp/wire/codec.ts';
import { openDeviceStore } from '../state/device-store.ts';
import { startDhcp } from './dhcp.ts';
import { dhcpConfigSchema } from './dhcp/config.ts';
import type { ServiceEvent } from '../service/event-lines.ts';
import { startProxydhcp } from './proxydhcp.ts';
import { proxydhcpConfigSchema } from './proxydhcp/config.ts';
import { ip, MAC, message, OTHER_MAC, pxeOptions } from './testing/messages.ts';
import { portOf, UdpClient } from './testing/udp-client.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function client(): Promise<UdpClient> {
  const opened = await UdpClient.open();
  cleanups.push(() => opened.close());
  return opened;
}

async function dhcp(over: Partial<z.input<typeof dhcpConfigSchema>> = {}) {
  const events: ServiceEvent[] = [];
  const config = dhcpConfigSchema.parse({
    address: '127.0.0.1',
    subnet: '127.0.0.0',
    prefixLength: 24,
    range: { from: '127.0.0.100', to: '127.0.0.109' },
    ports: { server: 0 },
    ...over,
  });
  const running = await startDhcp(config, (event) => events.push(event));
  cleanups.push(() => running.stop());
  return { running, events, port: portOf(running.listening[0]) };
}

/** Valid messages with some bytes changed, cut or added, and plain garbage. */
const hostile = (valid: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 700 }),
    fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    }),
    fc.nat(valid.length).map((length) => valid.subarray(0, length)),
  );
const nothingReceived = (): void => undefined;

it('leases an address in four messages, and stops cleanly', async () => {
  const { port, running, events } = await dhcp({ bootfile: 'pxelinux.0', replies: { padTo: 1024 } });
  const pc = await client();
  pc.send(message(1, pxeOptions()), port);
  const [offer] = await pc.receive('OFFER');
  expect(offer).toHaveLength(1024);
  const offered = decodeDhcp(offer);
  if (offered.kind === 'malformed') expect.unreachable();
  expect(offered).toMatchObject({ yiaddr: '127.0.0.100', file: 'pxelinux.0', xid: 0x1280d292 });
  pc.send(message(3, [ip(54, '127.0.0.1'), ip(50, offered.yiaddr)]), port);
  expect(decodeDhcp((await pc.receive('ACK'))[0])).toMatchObject({ yiaddr: '127.0.0.100' });
  expect(events.map((event) => event.event)).toEqual(['offer', 'ack']);
  expect(running.counters()).toMatchObject({ received: 2, sent: 2, leases: 1 });
});

it('serves the next client after any datagram, and grows no table by them', async () => {
  const { port, running } = await dhcp();
  const pc = await client();
  const valid = message(1, pxeOptions());
  await fc.assert(
    fc.asyncProperty(fc.array(hostile(valid), { minLength: 1, maxLength: 20 }), async (datagrams) => {
      for (const datagram of datagrams) pc.send(datagram, port);
      // A last message: its transaction id distinguishes its answer from the others.
      pc.send(message(8, [], { ciaddr: '127.0.0.5', xid: 77 }), port);
      for (;;) {
        const reply = decodeDhcp((await pc.receive('ACK of INFORM'))[0]);
        if (reply.kind === 'dhcp' && reply.xid === 77) break;
      }
      expect(running.leases.byIp.size).toBeLessThanOrEqual(10);
      expect(running.leases.byClient.size).toBeLessThanOrEqual(running.leases.byIp.size);
    }),
    { numRuns: 60 },
  );
});

it('clears what it delays when it stops', async () => {
  const { port, running, events } = await dhcp({ misbehave: { delay: 60_000 }, limits: { delayedReplies: 1 } });
  const pc = await client();
  pc.send(message(1), port);
  pc.send(message(1), port);
  await expect
    .poll(() => events.at(-1))
    .toMatchObject({ event: 'lost', message: '1 replies wait already, the limit is 1' });
  expect(running.counters()).toMatchObject({ sent: 0, lost: 1 });
});

it('answers a boot request from port 4011 to the port that asked, whatever came before', async () => {
  const config = proxydhcpConfigSchema.parse({
    address: '127.0.0.1',
    bootfile: 'boot\\x86\\wdsnbp.com',
    padTo: 1024,
    ports: { dhcp: 0, proxy: 0 },
  });
  const running = await startProxydhcp(config, nothingReceived);
  cleanups.push(() => running.stop());
  const [dhcpPort, proxyPort] = running.listening.map(portOf) as [number, number];
  const pc = await client();
  const valid = message(3, pxeOptions(), { ciaddr: '127.0.0.9' });
  await fc.assert(
    fc.asyncProperty(fc.array(hostile(valid), { maxLength: 20 }), async (datagrams) => {
      pc.drain();
      for (const datagram of datagrams) {
        pc.send(datagram, proxyPort);
        pc.send(datagram, dhcpPort);
      }
      pc.send(message(3, pxeOptions(), { ciaddr: '127.0.0.9', xid: 78 }), proxyPort);
      for (;;) {
        const [bytes, from] = await pc.receive('ACK from the boot server');
        const reply = decodeDhcp(bytes);
        if (reply.kind !== 'dhcp' || reply.xid !== 78) continue;
        expect(from.port).toBe(proxyPort);
        expect(reply).toMatchObject({ file: 'boot\\x86\\wdsnbp.com', length: 1024, ciaddr: '127.0.0.9' });
        break;
      }
    }),
    { numRuns: 40 },
  );
});

it('approves and answers boot programs, whatever options 43 and 250 held before', async () => {
  const state = await mkdtemp(join(tmpdir(), 'pxewright-wds-'));
  cleanups.push(() => rm(state, { recursive: true, force: true }));
  const events: ServiceEvent[] = [];
  const config = proxydhcpConfigSchema.parse({
    address: '127.0.0.1',
    bootfile: 'boot\\x86\\wdsnbp.com',
    ports: { dhcp: 0, proxy: 0 },
    wds: {
      state,
      unknown: 'pending',
      prompt: 'no-prompt',
      limits: { devices: 8, waiting: 64 },
      administrator: [{ afterPolls: 1, status: 'approved', mac: MAC }],
    },
  });
  const running = await startProxydhcp(config, (event) => events.push(event));
  cleanups.push(() => running.stop());
  const [, proxyPort] = running.listening.map(portOf) as [number, number];
  const pc = await client();
  let xid = 100;
  // Each comes from another computer, so that garbage does not use up the approval of ours.
  const garbage = fc
    .tuple(fc.uint8Array({ maxLength: 255 }), fc.uint8Array({ maxLength: 255 }), fc.nat(255))
    .map(([option43, option250, last]) =>
      message(3, [...pxeOptions(), { code: 43, data: option43 }, { code: 250, data: option250 }], {
        ciaddr: '127.0.0.9',
        chaddr: `52:54:00:00:00:${last.toString(16).padStart(2, '0')}`,
      }),
    );
  const ask = async (): Promise<DhcpMessage> => {
    const own = ++xid;
    pc.send(
      message(3, [...pxeOptions(), wdsBootProgramOption({ architecture: 0 })], { ciaddr: '127.0.0.9', xid: own }),
      proxyPort,
    );
    for (;;) {
      const reply = decodeDhcp((await pc.receive('answer to the boot program'))[0]);
      if (reply.kind === 'dhcp' && reply.xid === own) return reply;
    }
  };
  expect(wdsValues(await ask())).toMatchObject({ nextAction: 1, requestId: 1 });
  expect((await ask()).file).toBe('boot\\x86\\pxeboot.n12');
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          garbage,
          hostile(
            message(3, [...pxeOptions(), wdsBootProgramOption({ architecture: 0, requestId: 5 })], {
              ciaddr: '127.0.0.9',
              chaddr: OTHER_MAC,
            }),
          ),
        ),
        { maxLength: 12 },
      ),
      async (datagrams) => {
        for (const datagram of datagrams) pc.send(datagram, proxyPort);
        expect(await ask()).toMatchObject({ file: 'boot\\x86\\pxeboot.n12' });
      },
    ),
    { numRuns: 40 },
  );
  expect(openDeviceStore(state).devices().length).toBeLessThanOrEqual(8);
  expect(
    events.filter(
      ({ event, message: text }) =>
        event === 'error' && !/^refused a datagram|device store: \d+ requests wait/.test(String(text)),
    ),
  ).toEqual([]);
});
