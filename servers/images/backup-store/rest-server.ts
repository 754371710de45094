import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { endText } from '../../service/end-text.ts';
import type { BackupStoreConfig } from './config.ts';
import { parseRequest, type StoreRequest } from './request-log.ts';

/** What restic-rest-server writes once it listens, with the port that the kernel chose. */
const LISTENS = /^start server on (.*)$/;
/** Of what it writes, what an error message can use. */
const LAST_WORDS = 4;

/** A restic-rest-server that listens. */
export interface RestServer {
  /** Address and port. */
  readonly at: string;
  /** Resolves with the reason when it has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** `SIGKILL`: in the middle of what it does. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts restic-rest-server and waits until it listens. `onRequest` sees each request when it is over. */
export async function startRestServer(
  { root, address, port, maxBytes, tls, startTimeoutMs }: BackupStoreConfig,
  onRequest: (request: StoreRequest) => void,
): Promise<RestServer> {
  const server = execa(
    'restic-rest-server',
    [
      '--no-auth',
      ...['--path', root, '--listen', endText(address, port), '--log', '-'],
      ...(tls === undefined ? [] : ['--tls', '--tls-cert', tls.certificate, '--tls-key', tls.key]),
      ...(maxBytes === undefined ? [] : ['--max-size', String(maxBytes)]),
    ],
    { reject: false, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', buffer: false },
  );
  const words: string[] = [];
  const listening = Promise.withResolvers<string>();
  createInterface({ input: server.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > LAST_WORDS) words.shift();
    const at = LISTENS.exec(line)?.[1];
    if (at !== undefined) listening.resolve(at);
  });
  createInterface({ input: server.stdout }).on('line', (line) => {
    const request = parseRequest(line);
    if (request !== undefined) onRequest(request);
  });
  const ended = server.then(({ exitCode, signal, originalMessage }) => {
    const message = `restic-rest-server ended with ${String(exitCode ?? signal ?? originalMessage)}: ${words.join(' | ')}`;
    listening.reject(new Error(message));
    return message;
  });
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    server.kill(signal);
    await ended;
  };
  const late = setTimeout(
    () => listening.reject(new Error(`restic-rest-server did not listen in ${startTimeoutMs} ms`)),
    startTimeoutMs,
  );
  try {
    return { at: await listening.promise, ended, stop };
  } catch (error) {
    await stop('SIGTERM');
    throw error;
  } finally {
    clearTimeout(late);
  }
}
