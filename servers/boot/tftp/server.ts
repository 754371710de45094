import type { RemoteInfo, Socket } from 'node:dgram';
import { decodeTftp, encodeTftp } from '../../../harness/protocols/tftp/wire/codec.ts';
import type { TftpPacket } from '../../../harness/protocols/tftp/wire/message.ts';
import { foldedName, readBootName } from '../../service/boot-name.ts';
import type { BootRoot } from '../../service/boot-root.ts';
import type { Emit } from '../../service/event-lines.ts';
import type { FileCache } from './file-cache.ts';
import { netasciiSource, MAX_NETASCII, type Source } from './netascii.ts';
import { messageOf } from '../../service/service.ts';
import { faultsOf, type Faults } from '../../service/faults.ts';
import type { TftpConfig, TftpMisbehaviour } from './config.ts';
import { negotiate } from './negotiation.ts';
import { keyOf, Ports, type Port } from './ports.ts';
import { Transfer } from './transfer.ts';

type ReadRequest = Extract<TftpPacket, { op: 'read-request' | 'write-request' }>;

/** One client's transfer, from its request on. */
interface Session {
  readonly key: string;
  readonly peer: RemoteInfo;
  readonly request: ReadRequest;
  readonly startedAtMs: number;
  port?: Port;
  transfer?: Transfer;
  /** Set when the session ends, perhaps while its port or file is still being opened. */
  over: boolean;
}

// ERROR codes of RFC 1350, appendix.
const UNDEFINED = 0;
const NOT_FOUND = 1;
const ACCESS = 2;
const ILLEGAL = 4;
const UNKNOWN_ID = 5;

// How often deadlines are checked: one timer serves all transfers, since a timer for each packet would cost more than
// the packet.
const TICK_MS = 20;

const now = (): number => performance.now();

/** The TFTP server: requests, sessions and their ports (RFC 1350). */
export class TftpServer {
  readonly counters = { requests: 0, complete: 0, bytes: 0, errors: 0, retransmissions: 0, malformed: 0 };
  readonly faults: Faults<keyof TftpMisbehaviour>;
  readonly #sessions = new Map<string, Session>();
  readonly #config: TftpConfig;
  readonly #root: BootRoot;
  readonly #cache: FileCache;
  readonly #ports: Ports;
  readonly #emit: Emit;
  readonly #delays = new Set<NodeJS.Timeout>();
  readonly #missing: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;
  #ticker: NodeJS.Timeout | undefined;

  constructor(config: TftpConfig, parts: { readonly root: BootRoot; readonly cache: FileCache; readonly emit: Emit }) {
    this.#config = config;
    this.#root = parts.root;
    this.#cache = parts.cache;
    this.#ports = new Ports(config, parts.emit, stranger);
    this.#emit = parts.emit;
    this.faults = faultsOf(config.misbehave, parts.emit);
    this.#missing = new Set(config.misbehave.missing?.map(comparable));
    this.#denied = new Set(config.misbehave.denied?.map(comparable));
  }

  /** Transfers under way. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** A datagram at the well-known port. */
  receive(main: Socket, bytes: Buffer, peer: RemoteInfo): void {
    const session = this.#sessions.get(keyOf(peer));
    // Only with a single port do transfers go on here.
    if (session?.port?.socket === main && bytes[1] !== 1) {
      this.#continue(session, bytes);
      return;
    }
    const packet = decodeTftp(bytes);
    if (packet.kind === 'malformed') {
      this.counters.malformed++;
      this.#emit({
        event: 'error',
        message: `refused a datagram of ${bytes.length} bytes from ${keyOf(peer)}: ${packet.reason}`,
      });
      if (bytes[0] === 0 && (bytes[1] === 1 || bytes[1] === 2)) sendError(main, peer, ILLEGAL, 'malformed request');
    } else if (packet.op === 'read-request') this.#request(main, packet, peer, session);
    else if (packet.op === 'write-request')
      this.#refuse(main, peer, packet.filename, ACCESS, 'this server is read-only');
    // ERROR is never answered (RFC 1350 section 7): two servers could go on for ever.
    else if (packet.op !== 'error') sendError(main, peer, UNKNOWN_ID, 'no transfer of yours here');
  }

  /** Ends every transfer and clears every timer. */
  stop(): void {
    for (const timer of this.#delays) clearTimeout(timer);
    this.#delays.clear();
    for (const session of [...this.#sessions.values()]) this.#close(session);
    clearInterval(this.#ticker);
  }

  #request(main: Socket, request: ReadRequest, peer: RemoteInfo, before: Session | undefined): void {
    if (before) {
      // The same request again means that our answer was lost, or is still under way.
      if (sameRequest(before.request, request) && (before.transfer?.fresh ?? true)) {
        before.transfer?.resend(now());
        return;
      }
      before.transfer?.stop();
      this.#close(before);
    }
    this.counters.requests++;
    if (this.#sessions.size >= this.#config.limits.transfers) {
      this.#refuse(
        main,
        peer,
        request.filename,
        UNDEFINED,
        `${this.#sessions.size} transfers already, try again later`,
      );
      return;
    }
    const session: Session = { key: keyOf(peer), peer, request, startedAtMs: now(), over: false };
    this.#sessions.set(session.key, session);
    const begin = (): void => {
      this.#begin(main, session).catch((error: unknown) => {
        if (session.over) return;
        this.#refuse(session.port?.socket ?? main, peer, request.filename, UNDEFINED, messageOf(error));
        this.#close(session);
      });
    };
    const { delay: delayMs } = this.#config.misbehave;
    if (delayMs === undefined) begin();
    else {
      this.faults.came('delay');
      const timer = setTimeout(() => {
        this.#delays.delete(timer);
        begin();
      }, delayMs);
      this.#delays.add(timer);
    }
  }

  async #begin(main: Socket, session: Session): Promise<void> {
    const isFrom69 = this.#config.misbehave['data-from-port-69'] === true;
    if (isFrom69) this.faults.came('data-from-port-69');
    const single = this.#config.singlePort || isFrom69;
    const port = single
      ? { socket: main, release: () => undefined }
      : await this.#ports.take(session.peer, (bytes) => this.#continue(session, bytes));
    // A session that ended meanwhile has closed what it had then; what came later is closed here.
    if (isOver(session)) {
      port.release();
      return;
    }
    session.port = port;
    const source = await this.#source(session);
    if (isOver(session)) await source?.close();
    else if (source) this.#transfer(session, port.socket, source);
    else this.#close(session);
  }

  #transfer(session: Session, socket: Socket, source: Source): void {
    const { request, peer } = session;
    const { misbehave, timeoutMs, retries, maxWindowsize } = this.#config;
    const terms = negotiate(request.options, source.size, this.#config);
    for (const how of terms.misbehaved ?? []) this.faults.came(how);
    const { address, port: peerPort } = peer;
    const transfer = new Transfer({
      source,
      terms,
      timeoutMs,
      retries,
      maxWindowsize,
      misbehave,
      misbehaved: (how) => this.faults.came(how),
      now,
      send: (packet) => socket.send(packet, peerPort, address),
      later: (run) => void setImmediate(run),
      ended: (outcome, message) => {
        this.#report(session, transfer, outcome, message);
        this.#close(session);
      },
    });
    session.transfer = transfer;
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
    transfer.start(now());
  }

  /** The file of a request as a source of blocks; an ERROR went out when there is none. */
  async #source(session: Session): Promise<Source | undefined> {
    const { filename, mode } = session.request;
    const opened = await this.#open(filename, mode.toLowerCase());
    if (!('code' in opened)) return opened;
    if (session.port && this.#sessions.get(session.key) === session)
      this.#refuse(session.port.socket, session.peer, filename, opened.code, opened.message);
    return undefined;
  }

  async #open(filename: string, mode: string): Promise<Source | { readonly code: number; readonly message: string }> {
    const name = comparable(filename);
    if (this.#missing.has(name)) {
      this.faults.came('missing');
      return { code: NOT_FOUND, message: 'file not found' };
    }
    if (this.#denied.has(name)) {
      this.faults.came('denied');
      return { code: ACCESS, message: 'access violation' };
    }
    if (mode !== 'octet' && mode !== 'netascii')
      return { code: ILLEGAL, message: `expected mode octet or netascii, got ${mode.slice(0, 40)}` };
    const found = await this.#root.open(filename);
    if ('refused' in found)
      return found.refused === 'not-found'
        ? { code: NOT_FOUND, message: `file not found: ${found.reason}` }
        : { code: ACCESS, message: found.reason };
    const file = await this.#cache.open(found);
    if (mode === 'octet') return file;
    return (
      (await netasciiSource(file)) ?? {
        code: UNDEFINED,
        message: `netascii is for files up to ${MAX_NETASCII} bytes, this one has ${file.size}`,
      }
    );
  }

  #continue(session: Session, bytes: Buffer): void {
    const { transfer } = session;
    if (!transfer || bytes.length < 4 || bytes[0] !== 0) return;
    // Acknowledgements are read in place: this is the path of every packet.
    if (bytes[1] === 4) {
      transfer.acknowledge(((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0), bytes.length === 5 ? bytes[4] : undefined, now());
      return;
    }
    const packet = decodeTftp(bytes);
    if (packet.kind !== 'malformed' && packet.op === 'error') transfer.clientError(packet.code, packet.message);
    else
      transfer.fail(
        'illegal operation:',
        `expected ACK or ERROR, got ${packet.kind === 'malformed' ? packet.reason : packet.op}`,
      );
  }

  #tick(): void {
    const at = now();
    for (const { transfer } of this.#sessions.values()) if (transfer && transfer.deadlineMs <= at) transfer.expire(at);
    if (this.#sessions.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #report(session: Session, transfer: Transfer, outcome: string, message: string | undefined): void {
    const { blocks, acked, retransmissions } = transfer;
    const bytes =
      acked === blocks.last
        ? (blocks.last - 1) * blocks.blksize + blocks.lengthOf(blocks.last)
        : acked * blocks.blksize;
    this.counters.bytes += bytes;
    this.counters.retransmissions += retransmissions;
    if (outcome === 'complete') this.counters.complete++;
    this.#emit({
      event: outcome === 'failed' || outcome === 'gave-up' ? 'error' : 'transfer',
      outcome,
      file: session.request.filename,
      client: session.key,
      bytes,
      blksize: blocks.blksize,
      retransmissions,
      durationMs: Math.round(now() - session.startedAtMs),
      message,
    });
  }

  #refuse(socket: Socket, peer: RemoteInfo, file: string, code: number, message: string): void {
    this.counters.errors++;
    this.#emit({ event: 'error', file: file.slice(0, 256), client: keyOf(peer), code, message });
    sendError(socket, peer, code, message);
  }

  #close(session: Session): void {
    if (session.over) return;
    session.over = true;
    if (this.#sessions.get(session.key) === session) this.#sessions.delete(session.key);
    session.port?.release();
    session.transfer?.blocks
      .close()
      .catch((error: unknown) =>
        this.#emit({ event: 'error', message: `closing ${session.request.filename}: ${messageOf(error)}` }),
      );
  }
}

// A call, because TypeScript would take the field as unchanged across an await.
const isOver = (session: Session): boolean => session.over;

/** A stranger's datagram at a transfer's port: it gets an ERROR, and no transfer is disturbed (RFC 1350 section 4). */
function stranger(socket: Socket, bytes: Buffer, from: RemoteInfo): void {
  if (bytes[1] !== 5) sendError(socket, from, UNKNOWN_ID, 'unknown transfer id');
}

const sendError = (socket: Socket, peer: RemoteInfo, code: number, message: string): void => {
  socket.send(
    encodeTftp({ kind: 'tftp', op: 'error', code, message: message.replaceAll('\0', ' ') }),
    peer.port,
    peer.address,
  );
};

function sameRequest(one: ReadRequest, other: ReadRequest): boolean {
  return (
    one.filename === other.filename &&
    one.mode === other.mode &&
    JSON.stringify(one.options) === JSON.stringify(other.options)
  );
}

/** A name in the form in which misbehaviour lists compare it. */
function comparable(name: string): string {
  const read = readBootName(name);
  return 'parts' in read ? read.parts.map(foldedName).join('/') : name;
}
