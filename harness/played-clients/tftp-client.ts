import { createSocket, type Socket } from 'node:dgram';
import { encodeTftp } from '../protocols/tftp/wire/codec.ts';

/** What a group of TFTP clients does: each fetches the file again and again until time is up. */
export interface TftpLoad {
  readonly host: string;
  readonly port: number;
  readonly filename: string;
  readonly clients: number;
  readonly blksize: number;
  /** 1 is lockstep: no windowsize is asked for. */
  readonly windowsize: number;
  readonly durationMs: number;
}

/** What came of it. */
export interface TftpLoadResult {
  readonly bytes: number;
  readonly durationMs: number;
  /** Whole files fetched. */
  readonly files: number;
  /** Acknowledgements and requests sent again because nothing came. */
  readonly resends: number;
  /** Clients that the server answered with ERROR, and the first message. */
  readonly errors: number;
  readonly firstError?: string | undefined;
}

// Generous, so that a busy server is measured and not provoked: EDK2 waits 4 s (Mtftp4), iPXE starts at 0.25 s.
const RESEND_MS = 1000;

/** Runs TFTP clients against a server. Content is counted, not kept. */
export function runTftpLoad(load: TftpLoad): Promise<TftpLoadResult> {
  const totals: Totals = { bytes: 0, files: 0, resends: 0, errors: 0, firstError: undefined };
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const clients = new Set<LoadClient>();
    for (let i = 0; i < load.clients; i++) clients.add(new LoadClient(load, totals));
    const resender = setInterval(() => {
      for (const client of clients) client.resendIfIdle(performance.now());
    }, RESEND_MS / 4);
    setTimeout(() => {
      const durationMs = performance.now() - startedMs;
      clearInterval(resender);
      for (const client of clients) client.stop();
      const { firstError, ...counts } = totals;
      resolve({ ...counts, durationMs, firstError });
    }, load.durationMs);
  });
}

interface Totals {
  bytes: number;
  files: number;
  resends: number;
  errors: number;
  firstError: string | undefined;
}

/** One client: a socket a file, as real clients have, so that the server sees a new transfer identifier each time. */
class LoadClient {
  readonly #load: TftpLoad;
  readonly #totals: Totals;
  readonly #request: Uint8Array;
  readonly #ack = Buffer.from([0, 4, 0, 0]);
  #socket: Socket | undefined;
  #peerPort = 0;
  #block = -1;
  #inWindow = 0;
  #windowsize = 1;
  #blksize = 512;
  #lastMs = 0;

  constructor(load: TftpLoad, totals: Totals) {
    this.#load = load;
    this.#totals = totals;
    const options = [{ name: 'blksize', value: String(load.blksize) }];
    if (load.windowsize > 1) options.push({ name: 'windowsize', value: String(load.windowsize) });
    this.#request = encodeTftp({ kind: 'tftp', op: 'read-request', filename: load.filename, mode: 'octet', options });
    this.#begin();
  }

  stop(): void {
    // ERROR ends the transfer at the server (RFC 1350 section 7), which would else resend to a closed port.
    if (this.#peerPort !== 0)
      this.#send(encodeTftp({ kind: 'tftp', op: 'error', code: 0, message: 'load ended' }), this.#peerPort);
    this.#socket?.close();
    this.#socket = undefined;
  }

  resendIfIdle(nowMs: number): void {
    if (nowMs - this.#lastMs < RESEND_MS || !this.#socket) return;
    this.#totals.resends++;
    this.#lastMs = nowMs;
    if (this.#block < 0) this.#send(this.#request, this.#load.port);
    else this.#send(this.#ack, this.#peerPort);
  }

  #begin(): void {
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
    this.#socket = socket;
    this.#peerPort = 0;
    this.#block = -1;
    this.#inWindow = 0;
    this.#windowsize = 1;
    this.#blksize = 512;
    this.#lastMs = performance.now();
    socket.on('message', (bytes, from) => {
      if (this.#peerPort === 0) this.#peerPort = from.port;
      if (from.port === this.#peerPort && this.#socket === socket) this.#receive(bytes);
    });
    socket.bind(0, () => this.#send(this.#request, this.#load.port));
  }

  #receive(bytes: Buffer): void {
    this.#lastMs = performance.now();
    if (bytes[1] === 3) this.#data(bytes);
    else if (bytes[1] === 6 && this.#block < 0) {
      // The load asks only for these two options.
      const granted = bytes.toString('latin1', 2).split('\0');
      this.#blksize = Number(granted[granted.indexOf('blksize') + 1]) || 512;
      this.#windowsize = granted.includes('windowsize') ? Number(granted[granted.indexOf('windowsize') + 1]) : 1;
      this.#block = 0;
      this.#acknowledge();
    } else if (bytes[1] === 5) {
      this.#totals.errors++;
      this.#totals.firstError ??= bytes.toString('utf8', 4).replace(/\0.*$/s, '');
      this.#socket?.close();
      this.#socket = undefined;
    }
  }

  #data(bytes: Buffer): void {
    const block = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    const expected = (Math.max(this.#block, 0) + 1) & 0xffff;
    const last = bytes.length < this.#blksize + 4;
    if (block !== expected) {
      // A gap in a window: the last good block again (RFC 7440 section 4). In lockstep it is a duplicate, left alone.
      if (this.#windowsize > 1 && this.#inWindow > 0) this.#acknowledge();
      return;
    }
    this.#block = block;
    this.#totals.bytes += bytes.length - 4;
    if (++this.#inWindow >= this.#windowsize || last) this.#acknowledge();
    if (!last) return;
    this.#totals.files++;
    this.#socket?.close();
    this.#begin();
  }

  #acknowledge(): void {
    this.#inWindow = 0;
    this.#ack[2] = (this.#block >> 8) & 0xff;
    this.#ack[3] = this.#block & 0xff;
    this.#send(this.#ack, this.#peerPort);
  }

  #send(bytes: Uint8Array, port: number): void {
    this.#socket?.send(bytes, port, this.#load.host);
  }
}
