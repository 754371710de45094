import { createServer, type Socket } from 'node:net';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import type { Emit } from '../../service/event-lines.ts';
import { messageOf } from '../../service/service.ts';
import { PduFramer } from './pdu-framer.ts';
import { refuseUnreadable, RpcConnection, type RpcConnectionOptions } from './connection.ts';

/** Bounds of a listener. */
export interface RpcLimits {
  /** Connections at a time; those beyond are closed at once. */
  readonly connections: number;
  /** Longest time for a bind after connecting, and for a fragment or a request from its first byte to its last. */
  readonly incompleteMs: number;
  /** Longest time without anything from a client that is bound. */
  readonly idleMs: number;
}

/** Counters of a listener, for the line that says that the service stopped. */
export interface RpcCounters {
  connections: number;
  requests: number;
  refused: number;
}

/** A port that is listened on. */
export interface RpcListener {
  /** `ip:port/tcp`, the port that the kernel chose when it was 0. */
  readonly listening: string;
  readonly port: number;
  /** Closes the port and every connection. */
  stop(): Promise<void>;
}

/** Listens on one TCP port and runs a connection for each client; resolves when it is bound. */
export async function listenRpc(
  address: string,
  port: number,
  options: Omit<RpcConnectionOptions, 'port'>,
  limits: RpcLimits,
  delayMs: number,
  emit: Emit,
  counters: RpcCounters,
): Promise<RpcListener> {
  const open = new Set<Socket>();
  let boundPort = port;
  const server = createServer({ noDelay: true }, (socket) => {
    counters.connections++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, { ...options, port: boundPort }, limits, delayMs, emit, counters).catch((error: unknown) => {
      // The client reset its connection, or a deadline ended it: reported already, or not worth an event.
      if (socket.destroyed) return;
      emit({ event: 'error', client: nameOf(socket), message: `ended a connection: ${messageOf(error)}` });
      socket.destroy();
    });
  });
  server.maxConnections = limits.connections;
  server.on('drop', (dropped) => {
    counters.refused++;
    emit({
      event: 'error',
      client: `${dropped?.remoteAddress ?? '?'}:${dropped?.remotePort ?? 0}`,
      message: `refused a connection: ${limits.connections} are open already`,
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`binding ${address}:${port}/tcp: ${error.message}`, { cause: error })),
    );
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  boundPort = typeof bound === 'object' && bound ? bound.port : port;
  return {
    listening: `${address}:${boundPort}/tcp`,
    port: boundPort,
    stop: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function serve(
  socket: Socket,
  options: RpcConnectionOptions,
  limits: RpcLimits,
  delayMs: number,
  emit: Emit,
  counters: RpcCounters,
): Promise<void> {
  const client = nameOf(socket);
  const connection = new RpcConnection(options, client, emit);
  const framer = new PduFramer(options.maxFragment);
  const deadline = new Deadline((reason) => {
    counters.refused++;
    emit({ event: 'error', client, message: `closed a connection: ${reason}` });
    socket.destroy();
  });
  // A client that resets its connection is not worth an event.
  socket.on('error', () => undefined);
  deadline.set(limits.incompleteMs, `no bind within ${limits.incompleteMs} ms`);
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const pdu of framer.push(chunk)) {
        if (isMalformed(pdu)) {
          counters.refused++;
          emit({ event: 'error', client, message: `closed a connection: ${pdu.reason}` });
          await send(socket, refuseUnreadable(pdu.bytes));
          return;
        }
        // The clock of a request runs from its first fragment to its last.
        if (!connection.partial) deadline.clear();
        if (delayMs > 0) {
          options.misbehaved('delay');
          await sleep(delayMs, socket);
        }
        const reply = await connection.receive(pdu);
        counters.requests++;
        if (reply.close !== undefined) counters.refused++;
        await send(socket, reply.send);
        if (reply.close !== undefined) return;
      }
      if (framer.partial || connection.partial)
        deadline.keep(limits.incompleteMs, `a fragment or request was not whole within ${limits.incompleteMs} ms`);
      else if (connection.bound) deadline.set(limits.idleMs, `nothing came within ${limits.idleMs} ms`);
      else deadline.keep(limits.incompleteMs, `no bind within ${limits.incompleteMs} ms`);
    }
  } finally {
    deadline.clear();
    farewell(socket);
  }
}

// Bytes that are on their way when a socket is closed make the kernel reset the connection, and the client never reads
// the fault: what comes is dropped until the client closes, too.
const FAREWELL_MS = 1000;

function farewell(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** Writes, and waits while the client does not read: answers that the client does not take must not pile up. */
async function send(socket: Socket, pdus: readonly Uint8Array[]): Promise<void> {
  for (const pdu of pdus) {
    if (socket.destroyed) return;
    if (!socket.write(pdu)) {
      await new Promise<void>((resolve) => {
        socket.once('drain', resolve);
        socket.once('close', resolve);
      });
    }
  }
}

function sleep(ms: number, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** One timer with a reason. */
class Deadline {
  readonly #missed: (reason: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #kept = false;

  constructor(missed: (reason: string) => void) {
    this.#missed = missed;
  }

  set(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#kept = false;
    this.#timer = setTimeout(() => this.#missed(reason), ms);
  }

  /** Sets the timer unless it runs for something incomplete already: a byte now and then must not push it back. */
  keep(ms: number, reason: string): void {
    if (this.#kept) return;
    this.set(ms, reason);
    this.#kept = true;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#kept = false;
  }
}

const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
