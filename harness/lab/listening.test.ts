import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { listensOn } from './listening.ts';

const table = (name: string): Promise<string> => readFile(`/proc/self/net/${name}`, 'utf8');

it('a UDP port is found when it is bound, and not before', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  expect(listensOn('udp', await table('udp'), port)).toBe(true);
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  expect(listensOn('udp', await table('udp'), port)).toBe(false);
});

it('a TCP port is found when somebody listens on it, and not when it only has a connection', async () => {
  const server = createServer().listen(0, '::1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '::1');
  await once(client, 'connect');
  expect(listensOn('tcp', await table('tcp6'), port)).toBe(true);
  expect(listensOn('tcp', await table('tcp6'), (client.address() as AddressInfo).port)).toBe(false);
  client.destroy();
  server.close();
  await once(server, 'close');
});
