import type { FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import type { Emit } from '../../service/event-lines.ts';
import type { Faults } from '../../service/faults.ts';
import type { MulticastConfig } from './config.ts';
import { imageBytes } from './image-stream.ts';
import { parseSenderLine } from './sender-log.ts';

/** How a session went. */
export interface SessionEnd {
  /** It let receivers in; false when udp-sender did not come so far. */
  readonly opened: boolean;
  /** It is gone as `dies-after` says. */
  readonly died: boolean;
  /** In words, for whom it did not come to its end. */
  readonly message: string;
}

/** One session: receivers come, take the image together, and leave. */
export interface Session {
  /** Resolves when receivers may come, or when they never will. */
  readonly opened: Promise<undefined>;
  readonly ended: Promise<SessionEnd>;
  stop(): void;
}

export interface Counters {
  sessions: number;
  receivers: number;
  dropped: number;
  bytesSent: number;
  blocksResent: number;
}

/** Of what udp-sender writes, what an error message can use. */
const LAST_WORDS = 4;
/** More receivers than ever come: udp-sender has room for as many. */
const NEVER = 1024;
/** udp-sender reports this often, in milliseconds. */
const REPORT_MS = 100;
/** Nothing more is on its way when no report has come for so long, and for the time that one slice takes: 112 blocks. */
const STILL_MS = 1000;
const SLICE_BITS = 112 * 1456 * 8;

/** Starts udp-sender for one session: `number` from 1. */
export function startSession(
  config: MulticastConfig,
  network: string,
  handle: FileHandle,
  number: number,
  counters: Counters,
  misbehaved: Faults<keyof MulticastConfig['misbehave']>['came'],
  emit: Emit,
): Session {
  const { misbehave } = config;
  const diesAfter = misbehave['dies-after'];
  const flipAt = misbehave['flip-byte-at'];
  const isFed = diesAfter !== undefined || flipAt !== undefined;
  // By the open handle: whoever exchanges the file meanwhile changes nothing.
  const image = isFed ? [] : ['--file', `/proc/${process.pid}/fd/${handle.fd}`];
  const child = execa('udp-sender', [...senderArguments(config, network), ...image], {
    reject: false,
    stdin: isFed ? 'pipe' : 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
  });
  if (isFed) {
    const flipped = (): void => misbehaved('flip-byte-at', { session: number });
    const bytes = imageBytes(handle, { flipAt, flipped, most: diesAfter ?? Infinity });
    // A sender that dies gets no end of the image: it waits for more until it is gone. What it leaves unread is nobody's.
    Readable.from(bytes).pipe(child.stdin as NodeJS.WritableStream, { end: diesAfter === undefined });
    child.stdin?.on('error', () => undefined);
  }
  const opened = Promise.withResolvers<undefined>();
  const words: string[] = [];
  const clients = new Map<number, string>();
  let isOpen = false;
  let [bytes, resent, died] = [0, 0, false];
  let dying: NodeJS.Timeout | undefined;
  const mayDie = (): void => {
    if (diesAfter === undefined) return;
    clearTimeout(dying);
    dying = setTimeout(
      () => {
        died = true;
        child.kill('SIGKILL');
      },
      STILL_MS + (SLICE_BITS * 1000) / (config.bitsPerSecond ?? Infinity),
    );
  };
  createInterface({ input: child.stderr }).on('line', (line) => {
    const said = parseSenderLine(line);
    if (said === undefined && line.trim() !== '') {
      words.push(line.trim());
      if (words.length > LAST_WORDS) words.shift();
    }
    switch (said?.says) {
      case 'waiting':
        isOpen = true;
        counters.sessions++;
        emit({ event: 'session', session: number, image: config.image });
        opened.resolve(undefined);
        break;
      case 'receiver':
        if (clients.has(said.number)) break;
        clients.set(said.number, said.client);
        counters.receivers++;
        emit({ event: 'receiver', session: number, client: said.client, number: said.number });
        if (misbehave['never-starts'] === true) misbehaved('never-starts', { session: number, client: said.client });
        break;
      case 'started':
        emit({ event: 'started', session: number, receivers: clients.size });
        mayDie();
        break;
      case 'progress': {
        const isMore = said.bytes > bytes;
        ({ bytes, resent } = said);
        if (isMore) mayDie();
        break;
      }
      case 'dropped':
        counters.dropped++;
        emit({ event: 'dropped', session: number, client: clients.get(said.number) ?? '', number: said.number });
        break;
      case 'complete':
        counters.bytesSent += bytes;
        counters.blocksResent += resent;
        emit({ event: 'sent', session: number, receivers: clients.size, bytes, resent });
        break;
      case undefined:
    }
  });
  const ended = child.then(({ exitCode, signal, originalMessage }) => {
    clearTimeout(dying);
    opened.resolve(undefined);
    const status = String(exitCode ?? signal ?? originalMessage);
    if (died) misbehaved('dies-after', { session: number, bytes });
    return { opened: isOpen, died, message: `udp-sender ended with ${status}: ${words.join(' | ')}` };
  });
  return { opened: opened.promise, ended, stop: () => child.kill('SIGTERM') };
}

/** udp-sender's options for this configuration. */
export function senderArguments(config: MulticastConfig, network: string): string[] {
  const { portBase, receivers, maxWaitMs, minWaitMs, bitsPerSecond, retries, helloMs, misbehave } = config;
  const seconds = (ms: number): string => String(Math.ceil(ms / 1000));
  const waits = misbehave['never-starts'] !== true;
  return [
    ...['--interface', network, '--portbase', String(portBase), '--nokbd'],
    // Also for one receiver: by itself udp-sender would then send without a group.
    '--nopointopoint',
    ...['--min-receivers', String(waits ? receivers : NEVER)],
    ...(waits ? ['--max-wait', seconds(maxWaitMs)] : []),
    ...(minWaitMs > 0 ? ['--min-wait', seconds(minWaitMs)] : []),
    ...(bitsPerSecond === undefined ? [] : ['--max-bitrate', String(bitsPerSecond)]),
    ...(retries === undefined ? [] : ['--retries-until-drop', String(retries)]),
    ...['--rexmit-hello-interval', String(helloMs), '--stat-period', String(REPORT_MS)],
  ];
}
