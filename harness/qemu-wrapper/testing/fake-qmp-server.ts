import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A command as it came over the socket. */
interface ReceivedCommand {
  readonly execute: string;
  readonly arguments: unknown;
  readonly id: number;
}

/** A QMP server over a unix socket that says exactly what a test tells it to. */
export interface FakeQmpServer {
  /** The client's end of the connection. */
  readonly socket: Socket;
  /** Sends an object as a line; bytes go as they are. */
  say(message: object | Uint8Array): void;
  /** The next command that the client sent. */
  command(): Promise<ReceivedCommand>;
  /** Closes the server's end. */
  hangUp(): void;
  close(): Promise<void>;
}

export const GREETING = {
  QMP: { version: { qemu: { major: 10, minor: 0, micro: 13 }, package: 'fake' }, capabilities: ['oob'] },
};

/** Starts one, with one client connected. */
export async function fakeQmpServer(): Promise<FakeQmpServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fake-qmp-'));
  const address = path.join(folder, 'qmp.sock');
  const server = createServer();
  server.listen(address);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect(address);
  const [peer] = await accepted;
  peer.on('error', () => undefined);
  const commands: ReceivedCommand[] = [];
  let wake = Promise.withResolvers<undefined>();
  let partial = '';
  peer.on('data', (chunk: Buffer) => {
    const lines = (partial + chunk.toString()).split('\n');
    partial = lines.pop() ?? '';
    commands.push(...lines.map((line) => JSON.parse(line) as ReceivedCommand));
    wake.resolve(undefined);
  });
  return {
    socket,
    say: (message) => void peer.write(message instanceof Uint8Array ? message : `${JSON.stringify(message)}\r\n`),
    hangUp: () => peer.destroy(),
    async command() {
      for (;;) {
        const next = commands.shift();
        if (next !== undefined) return next;
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
    async close() {
      socket.destroy();
      peer.destroy();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
