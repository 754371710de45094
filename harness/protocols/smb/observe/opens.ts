import type { Frame } from '../../../packet/frame.ts';
import { NTSTATUS } from '../../../packet/ntstatus.ts';
import type { CreateResponse } from '../wire/file.ts';
import type { WriteRequestHead } from '../wire/io.ts';
import type { FileRename } from '../wire/rename.ts';
import type { ConnectionSeen, TransferFigures } from '../../base/observe/seen.ts';
import type { FileDataSink } from '../../base/observe/file-data-sink.ts';
import type { SmbAnomaly } from './anomaly.ts';
import { OpenFile } from './open-file.ts';
import { fileOf, type SmbRequest } from './requests.ts';
import type { TcpConnection } from '../../tcp/observe/connection.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import { FileCoverage } from '../../base/observe/file-coverage.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { SmbEvent } from './events.ts';

/** Open files and connected shares remembered for one connection. */
const MAX_OPENS = 4096;

interface Answer {
  readonly status: number;
  readonly statusName: string;
  readonly requestFrame: number;
}

/** The shares and open files of one connection, and the meters of what goes over them. */
export class SmbOpens {
  readonly #connection: TcpConnection;
  readonly #client: ObservedClient<SmbEvent>;
  readonly #coverage: FileCoverage;
  readonly #emit: (event: SmbEvent) => void;
  readonly #seenAt = (at: Stamp): ConnectionSeen => this.#connection.seen(at);
  /** Share name by session and tree. */
  readonly #shares = new Map<string, string>();
  readonly #opens = new Map<string, OpenFile>();

  constructor(connection: TcpConnection, client: ObservedClient<SmbEvent>) {
    this.#connection = connection;
    this.#client = client;
    this.#coverage = client.shared(FileCoverage);
    this.#emit = client.emit;
  }

  /** A TREE_CONNECT was answered with this TreeId. */
  connected(request: SmbRequest, treeId: number): void {
    if (this.#shares.size >= MAX_OPENS) this.#shares.clear();
    this.#shares.set(
      `${request.sessionId}/${treeId}`,
      request.path
        .replace(/[\\/]+$/, '')
        .split(/[\\/]/)
        .at(-1) ?? '',
    );
  }

  /** Whether a TREE_CONNECT of this session was given this TreeId. */
  hasTree(sessionId: string, treeId: number): boolean {
    return this.#shares.has(`${sessionId}/${treeId}`);
  }

  /** Whether a file with this FileId is open. */
  hasFile(fileId: string): boolean {
    return this.#opens.has(fileId);
  }

  /**
   * The anomaly in the length of a READ's answer: it has more bytes than the client asked for, or fewer although the
   * file does not end there (MS-SMB2 section 3.3.5.12).
   */
  readAnomaly(request: SmbRequest, bytes: number): SmbAnomaly | undefined {
    const { offset, length: asked } = request;
    if (bytes === asked) return undefined;
    if (bytes > asked) return { kind: 'read-too-long', command: 'read', bytes, asked, offset };
    const endOfFile = fileOf(request, this.#opens)?.endOfFile ?? 0;
    if (endOfFile === 0 || offset + bytes >= endOfFile) return undefined;
    return { kind: 'read-too-short', command: 'read', bytes, asked, offset, endOfFile };
  }

  /** A CREATE was answered. */
  created(request: SmbRequest, response: CreateResponse | undefined, answer: Answer, frame: Frame): void {
    const share = this.#shares.get(`${request.sessionId}/${request.treeId}`) ?? '';
    const { directory = false, endOfFile = 0, fileId = '' } = response ?? {};
    if (response) {
      request.opened = this.#open(request, { path: request.path, share, fileId, endOfFile }, frame);
    }
    this.#emit({
      type: 'smb.open',
      path: request.path,
      share,
      directory,
      endOfFile,
      fileId,
      ...answer,
      ...this.#connection.seen(frame),
    });
  }

  /** The head of a READ response with data; the sink takes the data that a file watch wants. */
  read(request: SmbRequest, dataLength: number, frame: Frame): FileDataSink {
    const file = this.#fileOf(request, frame);
    const { toClient } = this.#connection;
    if (file.reads.operations === 0)
      this.#emit({
        type: 'smb.first-read',
        ...file.named,
        offset: request.offset,
        length: dataLength,
        ...this.#connection.seen(frame),
      });
    file.reads.count({ number: request.frame, atUs: request.atUs }, frame, dataLength, toClient.retransmissions);
    file.covered.add(request.offset, dataLength);
    const sink = file.watch.read(request.offset, dataLength, request.frame, this.#seenAt);
    return {
      unwanted: (position, left) => sink.unwanted(position, left),
      take: (position, bytes, at) => sink.take(position, bytes, at),
      done: (at) => {
        file.reads.ended(at);
        sink.done(at);
      },
    };
  }

  /** A READ was refused, for instance at the end of the file. */
  readRefused(request: SmbRequest, { status, statusName }: Answer, frame: Frame): void {
    const { named, endOfFile } = this.#fileOf(request, frame);
    this.#emit({
      type: 'smb.read-refused',
      ...named,
      endOfFile,
      offset: request.offset,
      length: request.length,
      status,
      statusName,
      ...this.#connection.seen(frame),
    });
  }

  /** The head of a WRITE request; the sink takes the data that a file watch wants. */
  writing({ fileId, offset, dataLength }: WriteRequestHead, frame: Frame): FileDataSink | undefined {
    const file = this.#opens.get(fileId);
    if (!file) return undefined;
    if (!file.writeBegan)
      this.#emit({
        type: 'smb.first-write',
        ...file.named,
        offset,
        length: dataLength,
        ...this.#connection.seen(frame),
      });
    file.writeBegan = true;
    return file.watch.write(offset, dataLength, this.#seenAt);
  }

  /** A WRITE was refused. */
  writeRefused(request: SmbRequest, { status, statusName }: Answer, frame: Frame): void {
    const file = this.#fileOf(request, frame);
    if (file.refusedWrites++ > 0) return;
    this.#emit({
      type: 'smb.write-refused',
      ...file.named,
      offset: request.offset,
      length: request.length,
      status,
      statusName,
      ...this.#connection.seen(frame),
    });
  }

  /** A SET_INFO that renames was answered. */
  renamed(request: SmbRequest, { name, replaceIfExists }: FileRename, answer: Answer, frame: Frame): void {
    const { named } = this.#fileOf(request, frame);
    this.#emit({ type: 'smb.rename', ...named, to: name, replaceIfExists, ...answer, ...this.#connection.seen(frame) });
  }

  /** A WRITE was answered. */
  written(request: SmbRequest, bytes: number, frame: Frame): void {
    this.#fileOf(request, frame).writes.count(
      { number: request.frame, atUs: request.atUs },
      frame,
      bytes,
      this.#connection.toServer.retransmissions,
    );
  }

  /** A CLOSE was answered; `endOfFile` when the response has it. */
  closed(request: SmbRequest, endOfFile: number | undefined, answer: Answer, frame: Frame): void {
    const file = this.#fileOf(request, frame);
    this.#tellWrites(file, frame);
    const figures = file.reads.figures(this.#connection.toClient.retransmissions);
    this.#emit({
      type: 'smb.close',
      ...file.named,
      ...answer,
      ...this.#readFigures(figures, file),
      reads: file.reads.operations,
      endOfFile: endOfFile ?? file.endOfFile,
      ...this.#connection.seen(frame),
    });
    if (figures) file.watch.readEnded(this.#connection.seen(frame));
    if (answer.status === NTSTATUS.success) this.#opens.delete(file.fileId);
  }

  /** Ends the opens that were never closed: reports those that moved data. */
  finish(at: Stamp, reason: string, which: (file: OpenFile) => boolean = () => true): void {
    for (const [fileId, file] of this.#opens) {
      if (!which(file)) continue;
      this.#opens.delete(fileId);
      this.#unfinished(file, at, reason);
    }
  }

  #unfinished(file: OpenFile, at: Stamp, reason: string): void {
    this.#tellWrites(file, at);
    const figures = file.reads.figures(this.#connection.toClient.retransmissions);
    if (!figures && file.writes.operations === 0) return;
    this.#emit({
      type: 'smb.unfinished',
      reason,
      ...file.named,
      ...this.#readFigures(figures, file),
      reads: file.reads.operations,
      endOfFile: file.endOfFile,
      ...this.#connection.seen(at),
    });
    if (figures) file.watch.readEnded(this.#connection.seen(at));
  }

  #readFigures(
    figures: TransferFigures | undefined,
    { covered }: OpenFile,
  ): { figures?: TransferFigures; distinctBytes?: number } {
    if (!figures) return {};
    return covered.bytes === undefined ? { figures } : { figures, distinctBytes: covered.bytes };
  }

  #tellWrites(file: OpenFile, at: Stamp): void {
    const figures = file.writes.figures(this.#connection.toServer.retransmissions);
    if (figures)
      this.#emit({
        type: 'smb.write',
        ...file.named,
        bytes: figures.bytes,
        writes: file.writes.operations,
        figures,
        ...this.#connection.seen(at),
      });
  }

  /** The file of a request; one that was opened before the capture began has no name. */
  #fileOf(request: SmbRequest, frame: Frame): OpenFile {
    const known = fileOf(request, this.#opens);
    if (known) return known;
    const share = this.#shares.get(`${request.sessionId}/${request.treeId}`) ?? '';
    return this.#open(request, { path: '', share, fileId: request.fileId, endOfFile: 0 }, frame);
  }

  #open(
    request: SmbRequest,
    named: { readonly path: string; readonly share: string; readonly fileId: string; readonly endOfFile: number },
    frame: Frame,
  ): OpenFile {
    if (this.#opens.size >= MAX_OPENS) {
      for (const [oldest, file] of this.#opens) {
        this.#opens.delete(oldest);
        this.#unfinished(file, frame, `more than ${MAX_OPENS} newer files are open`);
        break;
      }
    }
    const opened = { ...named, server: this.#connection.identity.server.ip };
    const file = new OpenFile({
      ...named,
      sessionId: request.sessionId,
      treeId: request.treeId,
      watch: this.#client.files.opened(opened),
      covered: this.#coverage.of(opened),
    });
    this.#opens.set(named.fileId, file);
    return file;
  }
}
