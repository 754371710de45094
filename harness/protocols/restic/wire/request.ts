import { isMalformed } from '../../../packet/malformed.ts';
import { decodeHttpHead, httpHeader, type HttpRequest } from '../../http/wire/codec.ts';
import { decodeResticRange, decodeResticTarget, resticAction, resticVersion } from './codec.ts';
import type { ResticAction, ResticRange, ResticTarget, ResticVersion } from './codec.ts';

/** What one request asks of a store. */
export interface ResticRequest extends ResticTarget {
  readonly action: ResticAction;
  readonly range?: ResticRange;
  /** Absent where the client names none: restic creates a repository without saying it. */
  readonly version?: ResticVersion;
}

/** What an HTTP request asks of a store; undefined where it is none of this protocol. */
export function resticRequest(head: HttpRequest): ResticRequest | undefined {
  const target = decodeResticTarget(head.target);
  const action = target && resticAction(head.method, target);
  if (!action) return undefined;
  const header = httpHeader(head, 'range');
  const range = header === undefined ? undefined : decodeResticRange(header);
  const version = resticVersion(httpHeader(head, 'accept'));
  return {
    ...target,
    action,
    ...(range === undefined ? {} : { range }),
    ...(version === undefined ? {} : { version }),
  };
}

/**
 * Whether a client speaks so to a store: a request whose path is one of the REST backend, and which accepts its media
 * type, names an object by its SHA-256 or creates a repository. `/config` alone may be any web server's.
 */
export function beginsRestic(bytes: Uint8Array): boolean {
  const head = decodeHttpHead(bytes);
  if (!head || isMalformed(head) || head.kind !== 'http-request') return false;
  const request = resticRequest(head);
  return request !== undefined && (request.version ?? request.id ?? request.create) !== undefined;
}
