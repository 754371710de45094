import type { KerberosEvent } from '../../kerberos/observe/events.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { ConnectionSeen } from '../../base/observe/seen.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { NTSTATUS } from '../../../packet/ntstatus.ts';
import type { Smb2Body } from '../wire/body.ts';
import type { Smb2Header } from '../wire/header.ts';
import type { ReadResponseHead, WriteRequestHead } from '../wire/io.ts';
import { decodeRename } from '../wire/rename.ts';
import { dfsReferralPath } from '../wire/ioctl.ts';
import { dialectName } from '../wire/negotiate.ts';
import type { Smb1Message } from '../wire/codec.ts';
import type { SmbEvent } from './events.ts';
import type { SmbAnomaly } from './anomaly.ts';
import { requestAnomaly, responseAnomaly } from './find-anomaly.ts';
import { authenticationFacts } from '../../ntlm/observe/authentication.ts';
import type { FileDataSink } from '../../base/observe/file-data-sink.ts';
import { WILDCARD_DIALECT } from '../wire/negotiate.ts';
import { SmbFraming, type SmbSink } from './framing.ts';
import { SmbOpens } from './opens.ts';
import { refusedOpenBefore, SmbRequests, type RequestDetail, type SmbRequest } from './requests.ts';
import type { Application, TcpConnection } from '../../tcp/observe/connection.ts';
import { MAX_REPORTS, type EventBody, type Stamp } from '../../base/observe/event-body.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';

/** Unsolicited: an oplock or lease break has this MessageId (MS-SMB2 section 2.2.23). */
const UNSOLICITED = 0xffff_ffff_ffff_ffffn;
const ACCEPTED = new Set<number>([NTSTATUS.success, NTSTATUS.bufferOverflow]);

type SmbBody = EventBody<SmbEvent, keyof ConnectionSeen>;

/** What is seen in an SMB connection: its own messages, and the logon that SESSION_SETUP carries. */
export type SmbSessionEvent = SmbEvent | NtlmEvent | KerberosEvent | MalformedEvent;

/** SMB2 on one TCP connection (MS-SMB2): requests matched with responses, and what both say as events. */
export class SmbSession implements Application {
  readonly fromClient: SmbFraming;
  readonly fromServer: SmbFraming;
  readonly #connection: TcpConnection;
  readonly #emit: (event: SmbSessionEvent) => void;
  readonly #requests = new SmbRequests();
  readonly #opens: SmbOpens;
  /** Every request was seen: then a response without one is the server's doing. */
  #whole: boolean;
  #opaqueTold = false;
  #anomaliesTold = 0;
  /** Dialects of the SMB1 NEGOTIATE: its answer gives the index of one. */
  #smb1Dialects: readonly string[] = [];
  /** Sessions that the server began. */
  readonly #sessions = new Set<string>();
  #malformedTold = 0;

  constructor(connection: TcpConnection, fromStart: boolean, client: ObservedClient<SmbSessionEvent>) {
    this.#connection = connection;
    this.#emit = client.emit;
    this.#whole = fromStart;
    this.#opens = new SmbOpens(connection, client);
    this.fromClient = new SmbFraming(
      connection.toServer,
      this.#sink((header, body, frame) => {
        this.#request(header, body, frame);
      }),
      fromStart,
    );
    this.fromServer = new SmbFraming(
      connection.toClient,
      this.#sink((header, body, frame) => {
        this.#response(header, body, frame);
      }),
      fromStart,
    );
  }

  finish(at: Stamp, reason: string): void {
    this.#opens.finish(at, reason);
  }

  #sink(message: SmbSink['message']): SmbSink {
    return {
      message,
      read: (header, head, frame) => this.#readData(header, head, frame),
      write: (header, head, frame) => this.#writeRequest(header, head, frame),
      smb1: (smb1, frame) => {
        this.#frontDoor(smb1, frame);
      },
      opaque: (header, frame) => {
        if (!this.#opaqueTold)
          this.#tell(frame, { type: 'smb.opaque', why: header.kind === 'smb-encrypted' ? 'encrypted' : 'compressed' });
        this.#opaqueTold = true;
        this.#whole = false;
      },
      malformed: (malformed, frame) => {
        this.#malformed(malformed, frame);
      },
      gap: () => {
        this.#whole = false;
      },
    };
  }

  #frontDoor({ header, body }: Smb1Message, frame: Frame): void {
    if (isMalformed(body)) {
      this.#malformed(body, frame);
      return;
    }
    if (body.type === 'smb1-negotiate-request') {
      this.#requests.addFrontDoor(frame);
      this.#smb1Dialects = body.dialects;
      this.#tell(frame, { type: 'smb.negotiate-request', smb1: true, dialects: body.dialects });
    } else if (body.type === 'smb1-negotiate-response')
      this.#tell(frame, { type: 'smb.smb1-response', dialect: this.#smb1Dialects[body.dialectIndex] ?? '' });
    else
      this.#tell(frame, {
        type: 'smb.other',
        command: `smb1-${header.commandNumber}`,
        status: header.status,
        statusName: header.response ? `SMB1 0x${header.status.toString(16)}` : '',
      });
  }

  #request(header: Smb2Header, body: Smb2Body | Malformed | undefined, frame: Frame): void {
    // A CANCEL has the MessageId of the request that it cancels, and no response (MS-SMB2 section 3.2.4.24).
    if (header.response) this.#anomaly(frame, { kind: 'response-from-client', command: header.command });
    if (header.response || header.command === 'cancel') return;
    if (isMalformed(body)) this.#malformed(body, frame);
    const detail = isMalformed(body) ? {} : this.#requestDetail(body, frame);
    this.#add(header, frame, detail);
  }

  #writeRequest(header: Smb2Header, head: WriteRequestHead, frame: Frame): FileDataSink | undefined {
    this.#add(header, frame, { fileId: head.fileId, offset: head.offset, length: head.dataLength });
    return this.#opens.writing(head, frame);
  }

  #add(header: Smb2Header, frame: Frame, detail: RequestDetail): void {
    this.#anomaly(
      frame,
      requestAnomaly(header, detail.fileId ?? '', {
        hasSession: (id) => this.#sessions.has(id),
        hasTree: (session, tree) => this.#opens.hasTree(session, tree),
        hasFile: (id) => this.#opens.hasFile(id),
      }),
    );
    if (!this.#requests.add(header, frame, detail))
      this.#anomaly(frame, { kind: 'message-id-in-use', command: header.command, messageId: String(header.messageId) });
  }

  /** Reports a request at once, and returns the facts that its response will be reported with. */
  #requestDetail(body: Smb2Body | undefined, frame: Frame): RequestDetail {
    switch (body?.type) {
      case 'negotiate-request':
        this.#tell(frame, { type: 'smb.negotiate-request', smb1: false, dialects: body.dialects.map(dialectName) });
        return {};
      case 'session-setup-request': {
        const facts = authenticationFacts(body.securityBuffer, 'smb', this.#connection.seen(frame));
        this.#tell(frame, { type: 'smb.session-setup-request', authentication: facts.mechanism });
        if (facts.event) this.#emit(facts.event);
        if (facts.malformed) this.#malformed(facts.malformed, frame);
        return {};
      }
      case 'tree-connect-request':
        this.#tell(frame, { type: 'smb.tree-connect-request', path: body.path });
        return { path: body.path };
      case 'create-request':
        return { path: body.name };
      case 'close-request':
        return { fileId: body.fileId };
      case 'read-request':
        return { fileId: body.fileId, offset: body.offset, length: body.length };
      case 'ioctl-request': {
        const path = dfsReferralPath(body);
        return { fileId: body.fileId, path: path ?? '', isReferral: path !== undefined };
      }
      case 'set-info-request': {
        const rename = decodeRename(body);
        if (isMalformed(rename)) this.#malformed(rename, frame);
        return { fileId: body.fileId, ...(rename && !isMalformed(rename) ? { rename } : {}) };
      }
      default:
        return {};
    }
  }

  #readData(header: Smb2Header, head: ReadResponseHead, frame: Frame): FileDataSink | undefined {
    const request = this.#answered(header, frame);
    if (request) this.#odd(frame, this.#opens.readAnomaly(request, head.dataLength));
    return request && this.#opens.read(request, head.dataLength, frame);
  }

  #response(header: Smb2Header, body: Smb2Body | Malformed | undefined, frame: Frame): void {
    if (!header.response) this.#anomaly(frame, { kind: 'request-from-server', command: header.command });
    if (!header.response || header.messageId === UNSOLICITED) return;
    const request = this.#answered(header, frame);
    if (header.async && header.status === NTSTATUS.pending) return;
    if (isMalformed(body)) this.#malformed(body, frame);
    if (request?.command === header.command) this.#answer(header, isMalformed(body) ? undefined : body, request, frame);
    else if (header.status !== NTSTATUS.success) this.#other(header, frame);
  }

  #answered(header: Smb2Header, frame: Frame): SmbRequest | undefined {
    const request = this.#requests.answered(header, header.async && header.status === NTSTATUS.pending);
    // Both sides of the exchange were seen: whatever else the capture misses, these two must fit.
    if (request) this.#odd(frame, responseAnomaly(header, request));
    else
      this.#anomaly(frame, {
        kind: 'response-to-no-request',
        command: header.command,
        messageId: String(header.messageId),
      });
    return request;
  }

  #answer(header: Smb2Header, body: Smb2Body | undefined, request: SmbRequest, frame: Frame): void {
    const { status, statusName } = header;
    const answer = { status, statusName, requestFrame: request.frame };
    const accepted = ACCEPTED.has(status);
    request.refused = !accepted;
    const afterRefused = accepted ? undefined : refusedOpenBefore(request);
    if (afterRefused !== undefined) {
      this.#tell(frame, { type: 'smb.other', command: header.command, status, statusName, afterRefused });
      return;
    }
    switch (header.command) {
      case 'negotiate':
        if (body?.type === 'negotiate-response')
          this.#tell(frame, {
            type: 'smb.negotiate-response',
            dialect: dialectName(body.dialect),
            wildcard: body.dialect === WILDCARD_DIALECT,
            ...answer,
          });
        else this.#tell(frame, { type: 'smb.negotiate-response', dialect: '', wildcard: false, ...answer });
        return;
      case 'session-setup': {
        const response = body?.type === 'session-setup-response' ? body : undefined;
        this.#sessions.add(header.sessionId);
        const facts = authenticationFacts(
          response?.securityBuffer ?? new Uint8Array(0),
          'smb',
          this.#connection.seen(frame),
        );
        this.#tell(frame, { type: 'smb.session-setup-response', guest: response?.guest ?? false, ...answer });
        if (facts.event) this.#emit(facts.event);
        if (facts.malformed) this.#malformed(facts.malformed, frame);
        return;
      }
      case 'tree-connect': {
        if (accepted && header.treeId !== undefined) this.#opens.connected(request, header.treeId);
        this.#tell(frame, {
          type: 'smb.tree-connect-response',
          path: request.path,
          shareType: body?.type === 'tree-connect-response' ? body.shareType : 0,
          ...answer,
        });
        return;
      }
      case 'create':
        this.#opens.created(request, body?.type === 'create-response' ? body : undefined, answer, frame);
        return;
      case 'close':
        this.#opens.closed(
          request,
          body?.type === 'close-response' && body.hasAttributes ? body.endOfFile : undefined,
          answer,
          frame,
        );
        return;
      case 'read':
        if (!accepted) this.#opens.readRefused(request, answer, frame);
        return;
      case 'write':
        if (body?.type === 'write-response') {
          this.#opens.written(request, body.count, frame);
          return;
        }
        this.#opens.writeRefused(request, answer, frame);
        return;
      case 'set-info':
        if (request.rename) this.#opens.renamed(request, request.rename, answer, frame);
        else this.#other(header, frame);
        return;
      case 'ioctl':
        if (request.isReferral) {
          this.#tell(frame, { type: 'smb.dfs-referral', path: request.path, ...answer });
          return;
        }
        this.#other(header, frame);
        return;
      case 'logoff':
        if (accepted)
          this.#opens.finish(frame, 'the client logged off', (file) => file.sessionId === request.sessionId);
        this.#other(header, frame);
        return;
      case 'tree-disconnect':
        if (accepted)
          this.#opens.finish(
            frame,
            'the client disconnected the share',
            (file) => file.sessionId === request.sessionId && file.treeId === request.treeId,
          );
        this.#other(header, frame);
        return;
      default:
        this.#other(header, frame);
        return;
    }
  }

  #other({ command, status, statusName }: Smb2Header, frame: Frame): void {
    this.#tell(frame, { type: 'smb.other', command, status, statusName });
  }

  /** Only where every message was seen: else what does not fit may be the capture's doing. */
  #anomaly(frame: Frame, anomaly: SmbAnomaly | undefined): void {
    if (this.#whole) this.#odd(frame, anomaly);
  }

  #odd(frame: Frame, anomaly: SmbAnomaly | undefined): void {
    if (anomaly && ++this.#anomaliesTold <= MAX_REPORTS) this.#tell(frame, { type: 'smb.anomaly', anomaly });
  }

  #malformed(malformed: Malformed, frame: Frame): void {
    if (++this.#malformedTold > MAX_REPORTS) return;
    this.#emit({
      type: 'malformed',
      malformed: { ...malformed, bytes: malformed.bytes.slice() },
      frame: frame.number,
      atUs: frame.atUs,
      client: this.#connection.identity.client,
    });
  }

  #tell(at: Stamp, body: SmbBody): void {
    this.#emit({ ...body, ...this.#connection.seen(at) });
  }
}
