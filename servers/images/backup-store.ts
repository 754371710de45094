import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { endText } from '../service/end-text.ts';
import type { Emit } from '../service/event-lines.ts';
import { isProgram } from '../service/program-file.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { backupStoreConfigSchema, type BackupStoreConfig } from './backup-store/config.ts';
import { parseRequest, type StoreRequest } from './backup-store/request-log.ts';

/** The store of disk backups as a program: restic-rest-server on a repository of restic (decision 193). */
export const backupStoreService: Service<typeof backupStoreConfigSchema> = {
  name: 'backup-store',
  summary: "Store of disk backups: restic's repository over HTTP by restic-rest-server, encrypted with its password.",
  schema: backupStoreConfigSchema,
  example: { address: '172.22.52.207', root: '/tmp/lab/backups', password: 'Passw0rd.lab' },
  notes: [
    'Needs Debian’s packages restic and restic-rest-server.',
    'An empty folder becomes a store before the service says that it is ready, so that clients need not agree who makes it.',
    'Clients speak plain HTTP without a user; what they store is encrypted before it leaves them.',
  ],
  start: startBackupStore,
};

/** What restic-rest-server writes once it listens, with the port that the kernel chose. */
const LISTENS = /^start server on (.*)$/;
/** restic's exit status for it. */
const WRONG_PASSWORD = 12;
/** Of what it writes, what an error message can use. */
const LAST_WORDS = 4;

/** Makes the store if there is none, starts the server and waits until it listens. */
export async function startBackupStore(config: BackupStoreConfig, emit: Emit): Promise<Running> {
  await mkdir(config.root, { recursive: true });
  if (existsSync(path.join(config.root, 'config'))) await openStore(config);
  else await makeStore(config);
  const server = execa(
    'restic-rest-server',
    [
      '--no-auth',
      ...['--path', config.root, '--listen', endText(config.address, config.port), '--log', '-'],
      ...(config.maxBytes === undefined ? [] : ['--max-size', String(config.maxBytes)]),
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
  const counters = { requests: 0, snapshots: 0, refused: 0, bytesSent: 0 };
  createInterface({ input: server.stdout }).on('line', (line) => {
    const request = parseRequest(line);
    if (request === undefined) return;
    counters.requests++;
    counters.bytesSent += request.bytes;
    const { client, method, kind, id, status } = request;
    if (isRefusal(request)) {
      counters.refused++;
      emit({ event: 'refused', client, method, kind, id, status });
    } else if (method === 'POST' && kind === 'snapshots') {
      counters.snapshots++;
      emit({ event: 'snapshot', client, id });
    }
  });
  let stopping = false;
  const ended = server.then(({ exitCode, signal, originalMessage }) => {
    const message = `restic-rest-server ended with ${String(exitCode ?? signal ?? originalMessage)}: ${words.join(' | ')}`;
    if (!stopping) emit({ event: 'error', message });
    listening.reject(new Error(message));
    return message;
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    server.kill('SIGTERM');
    await ended;
  };
  const late = setTimeout(
    () => listening.reject(new Error(`restic-rest-server did not listen in ${config.startTimeoutMs} ms`)),
    config.startTimeoutMs,
  );
  try {
    const at = await listening.promise;
    return { listening: [`${at}/tcp`], counters: () => ({ ...counters }), broken: ended, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** Whether a client was refused something. That a store has no `config` is how a client learns that it must be made. */
function isRefusal({ method, kind, status }: StoreRequest): boolean {
  return status >= 400 && !(method === 'HEAD' && kind === 'config' && status === 404);
}

async function makeStore({ root, password, startTimeoutMs }: BackupStoreConfig): Promise<void> {
  await execa('restic', ['init', '--quiet', '--no-cache', '--repo', root], {
    env: { RESTIC_PASSWORD: password },
    timeout: startTimeoutMs,
  });
}

/** Nobody could read what clients store with one password in a store that has another. */
async function openStore({ root, password, startTimeoutMs }: BackupStoreConfig): Promise<void> {
  const { exitCode, stderr } = await execa(
    'restic',
    ['cat', 'config', '--quiet', '--no-cache', '--no-lock', '--repo', root],
    { env: { RESTIC_PASSWORD: password }, timeout: startTimeoutMs, reject: false },
  );
  if (exitCode === WRONG_PASSWORD)
    throw new Error(
      `the store in ${root} has another password than the configuration; give it that one, or an empty folder`,
    );
  if (exitCode !== 0) throw new Error(`the store in ${root} cannot be opened: ${stderr.trim()}`);
}

if (isProgram(import.meta.filename)) await runService(backupStoreService);
