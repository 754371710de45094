import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WILDCARD_DIALECT } from '../../harness/protocols/smb/wire/negotiate.ts';
import { frontDoorRequest, negotiatedDialect } from './front-door.ts';

// A refused connection on this host costs some 50 us; asking often keeps the start short.
const ASK_AGAIN_MS = 10;

/** Waits until an SMB server at this address answers a negotiate; `gaveUp` ends the wait early with its reason. */
export async function smbReady(address: string, port: number, timeoutMs: number, gaveUp: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let last = 'not asked yet';
  for (;;) {
    gaveUp.throwIfAborted();
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > timeoutMs)
      throw new Error(
        `smbd on ${address}:${port} did not answer a negotiate within ${timeoutMs} ms (waited ${Math.round(waitedMs)} ms); last: ${last}`,
      );
    const answer = await ask(address, port, timeoutMs - waitedMs);
    if (answer === WILDCARD_DIALECT) return;
    last = String(answer);
    await delay(ASK_AGAIN_MS);
  }
}

/** Knocks once at the front door: the dialect that came back, or why none did. */
export function ask(address: string, port: number, timeoutMs: number): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: Math.max(1, timeoutMs) });
    let received = Buffer.alloc(0);
    const finish = (answer: number | string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(frontDoorRequest()));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const dialect = negotiatedDialect(received);
      if (dialect !== undefined) finish(dialect);
    });
    socket.once('timeout', () => {
      finish('no answer in time');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      finish(error.code ?? error.message);
    });
    socket.once('close', () => {
      finish('closed without an answer');
    });
  });
}
