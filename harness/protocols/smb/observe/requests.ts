import type { Smb2Command, Smb2Header } from '../wire/header.ts';
import type { FileRename } from '../wire/rename.ts';
import { NO_FILE_ID } from '../wire/fields.ts';
import type { OpenFile } from './open-file.ts';
import type { Stamp } from '../../base/observe/event-body.ts';

/** Unanswered requests remembered for one connection: servers grant 8192 credits at most (MS-SMB2 section 3.3.1.2). */
const MAX_PENDING_REQUESTS = 8192;
/** TreeId of a related request that takes over its predecessor's (MS-SMB2 section 3.2.4.1.4). */
const RELATED_TREE = 0xffff_ffff;
/** Longest chain of related requests that is followed; real ones have three or four. */
const MAX_RELATED = 64;

/** A request that waits for its response. */
export interface SmbRequest {
  readonly command: Smb2Command;
  readonly frame: number;
  readonly atUs: number;
  readonly treeId: number;
  readonly sessionId: string;
  /** Tree path, file name or referral path. */
  readonly path: string;
  readonly fileId: string;
  /** The preceding request of the compound, when this one is related to it. */
  readonly before: SmbRequest | undefined;
  /** Requests before it in that chain. */
  readonly depth: number;
  readonly offset: number;
  readonly length: number;
  /** The referral that an IOCTL asks for. */
  readonly isReferral: boolean;
  /** The new name that a SET_INFO asks for. */
  readonly rename: FileRename | undefined;
  /** What a CREATE opened, once it is answered. */
  opened: OpenFile | undefined;
  /** The server refused it. */
  refused: boolean;
}

/** Fields of a request that its command's body gives. */
export interface RequestDetail {
  readonly path?: string;
  readonly fileId?: string;
  readonly offset?: number;
  readonly length?: number;
  readonly isReferral?: boolean;
  readonly rename?: FileRename;
}

/** Requests under way on one connection, matched with responses by MessageId (MS-SMB2 section 3.2.5.1.2). */
export class SmbRequests {
  readonly #pending = new Map<bigint, SmbRequest>();
  #latest: SmbRequest | undefined;

  /** Adds a request. Returns false when one with the same MessageId still waits: the new one takes its place. */
  add(header: Smb2Header, at: Stamp, detail: RequestDetail): boolean {
    const before = header.related && this.#latest && this.#latest.depth < MAX_RELATED ? this.#latest : undefined;
    const treeId =
      header.treeId === undefined || header.treeId === RELATED_TREE ? (before?.treeId ?? 0) : header.treeId;
    const { path = '', fileId = '', offset = 0, length = 0, isReferral = false, rename } = detail;
    const request: SmbRequest = {
      command: header.command,
      frame: at.number,
      atUs: at.atUs,
      treeId,
      sessionId: header.sessionId,
      path,
      fileId,
      before,
      depth: before ? before.depth + 1 : 0,
      offset,
      length,
      isReferral,
      rename,
      opened: undefined,
      refused: false,
    };
    const isNew = !this.#pending.has(header.messageId);
    this.#pending.set(header.messageId, request);
    this.#latest = request;
    if (this.#pending.size > MAX_PENDING_REQUESTS)
      for (const oldest of this.#pending.keys()) return this.#pending.delete(oldest) && isNew;
    return isNew;
  }

  /** The request that a response answers; it stays pending when the answer is interim. */
  answered(header: Smb2Header, interim: boolean): SmbRequest | undefined {
    const request = this.#pending.get(header.messageId);
    if (request && !interim) this.#pending.delete(header.messageId);
    return request;
  }

  /** The MessageId of the SMB1 front door is 0 (MS-SMB2 section 3.3.5.3.1: the response carries it). */
  addFrontDoor(at: Stamp): void {
    this.#pending.set(0n, {
      command: 'negotiate',
      frame: at.number,
      atUs: at.atUs,
      treeId: 0,
      sessionId: '',
      path: '',
      fileId: '',
      before: undefined,
      depth: 0,
      offset: 0,
      length: 0,
      isReferral: false,
      rename: undefined,
      opened: undefined,
      refused: false,
    });
  }
}

/**
 * The path of the CREATE that a related request depends on, when that was refused: the server fails the requests after
 * it, too (MS-SMB2 section 3.3.5.2.7.2).
 */
export function refusedOpenBefore(request: SmbRequest): string | undefined {
  for (let at = request.before; at; at = at.before)
    if (at.command === 'create') return at.refused ? at.path : undefined;
  return undefined;
}

/**
 * What a request is about: the file that its FileId names, or that an earlier request of its compound opened or named.
 */
export function fileOf(request: SmbRequest, opens: ReadonlyMap<string, OpenFile>): OpenFile | undefined {
  for (let at: SmbRequest | undefined = request; at; at = at.before) {
    if (at.opened) return at.opened;
    if (at.fileId !== '' && at.fileId !== NO_FILE_ID) return opens.get(at.fileId);
  }
  return undefined;
}
