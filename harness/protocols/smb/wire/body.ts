import type { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { NTSTATUS } from '../../../packet/ntstatus.ts';
import { structureSize } from './fields.ts';
import {
  decodeCloseRequest,
  decodeCloseResponse,
  decodeCreateRequest,
  decodeCreateResponse,
  type CloseRequest,
  type CloseResponse,
  type CreateRequest,
  type CreateResponse,
} from './file.ts';
import type { Smb2Command, Smb2Header } from './header.ts';
import {
  decodeReadRequestBody,
  decodeReadResponseBody,
  decodeWriteRequestBody,
  decodeWriteResponseBody,
  type ReadRequest,
  type ReadResponse,
  type WriteRequest,
  type WriteResponse,
} from './io.ts';
import { decodeIoctlRequest, decodeIoctlResponse, type IoctlRequest, type IoctlResponse } from './ioctl.ts';
import {
  decodeNegotiateRequest,
  decodeNegotiateResponse,
  type NegotiateRequest,
  type NegotiateResponse,
} from './negotiate.ts';
import {
  decodeOplockBreak,
  decodeQueryDirectoryRequest,
  decodeQueryInfoRequest,
  decodeQueryResponse,
  decodeSetInfoRequest,
  type OplockBreak,
  type QueryDirectoryRequest,
  type QueryInfoRequest,
  type QueryResponse,
  type SetInfoRequest,
} from './query.ts';
import {
  decodeSessionSetupRequest,
  decodeSessionSetupResponse,
  decodeTreeConnectRequest,
  decodeTreeConnectResponse,
  type SessionSetupRequest,
  type SessionSetupResponse,
  type TreeConnectRequest,
  type TreeConnectResponse,
} from './session.ts';

/** ERROR Response: the body of every response that refuses or only promises (MS-SMB2 section 2.2.2). */
export interface ErrorResponse {
  readonly type: 'error-response';
  readonly data: Uint8Array;
}

/** A message without fields: LOGOFF, TREE_DISCONNECT, ECHO, CANCEL, and responses of FLUSH, LOCK, SET_INFO. */
export interface EmptyBody {
  readonly type: 'empty';
}

/** A body that no machine reads (FLUSH, LOCK and CHANGE_NOTIFY requests, unknown commands), kept as it is. */
export interface UndecodedBody {
  readonly type: 'undecoded';
  readonly bytes: Uint8Array;
}

export type Smb2Body =
  | NegotiateRequest
  | NegotiateResponse
  | SessionSetupRequest
  | SessionSetupResponse
  | TreeConnectRequest
  | TreeConnectResponse
  | CreateRequest
  | CreateResponse
  | CloseRequest
  | CloseResponse
  | ReadRequest
  | ReadResponse
  | WriteRequest
  | WriteResponse
  | IoctlRequest
  | IoctlResponse
  | QueryDirectoryRequest
  | QueryInfoRequest
  | SetInfoRequest
  | QueryResponse
  | OplockBreak
  | ErrorResponse
  | EmptyBody
  | UndecodedBody;

/** Decodes the body that `cursor` stands at; its bytes are those of one message, header included. */
export function decodeBody(cursor: Cursor, header: Smb2Header): Smb2Body | Malformed {
  const decode = header.response
    ? isError(cursor, header)
      ? decodeError
      : RESPONSES[header.command]
    : REQUESTS[header.command];
  const body = decode(cursor);
  return cursor.failure ?? body;
}

const ERROR_SIZE = 9;

// MS-SMB2 section 3.3.4.4: these statuses come with the command's own response, every other but success with ERROR's.
function isError(cursor: Cursor, header: Smb2Header): boolean {
  const size = (cursor.bytes[cursor.offset] ?? 0) | ((cursor.bytes[cursor.offset + 1] ?? 0) << 8);
  if (header.status === NTSTATUS.success || size !== ERROR_SIZE) return false;
  if (header.status === NTSTATUS.moreProcessingRequired) return header.command !== 'session-setup';
  return header.status !== NTSTATUS.bufferOverflow && header.status !== NTSTATUS.notifyEnumDir;
}

function decodeError(cursor: Cursor): ErrorResponse {
  structureSize(cursor, ERROR_SIZE);
  cursor.skip(2, 'error context count and reserved');
  return { type: 'error-response', data: cursor.take(cursor.u32le('byte count'), 'error data') };
}

const empty =
  (size: number) =>
  (cursor: Cursor): EmptyBody => {
    structureSize(cursor, size);
    return { type: 'empty' };
  };

const undecoded = (cursor: Cursor): UndecodedBody => ({ type: 'undecoded', bytes: cursor.rest() });

type Decoders = Record<Smb2Command, (cursor: Cursor) => Smb2Body>;

const REQUESTS: Decoders = {
  negotiate: decodeNegotiateRequest,
  'session-setup': decodeSessionSetupRequest,
  logoff: empty(4),
  'tree-connect': decodeTreeConnectRequest,
  'tree-disconnect': empty(4),
  create: decodeCreateRequest,
  close: decodeCloseRequest,
  flush: undecoded,
  read: decodeReadRequestBody,
  write: decodeWriteRequestBody,
  lock: undecoded,
  ioctl: decodeIoctlRequest,
  cancel: empty(4),
  echo: empty(4),
  'query-directory': decodeQueryDirectoryRequest,
  'change-notify': undecoded,
  'query-info': decodeQueryInfoRequest,
  'set-info': decodeSetInfoRequest,
  'oplock-break': decodeOplockBreak,
  unknown: undecoded,
};

const RESPONSES: Decoders = {
  negotiate: decodeNegotiateResponse,
  'session-setup': decodeSessionSetupResponse,
  logoff: empty(4),
  'tree-connect': decodeTreeConnectResponse,
  'tree-disconnect': empty(4),
  create: decodeCreateResponse,
  close: decodeCloseResponse,
  flush: empty(4),
  read: decodeReadResponseBody,
  write: decodeWriteResponseBody,
  lock: empty(4),
  ioctl: decodeIoctlResponse,
  cancel: empty(4),
  echo: empty(4),
  'query-directory': decodeQueryResponse('query-directory-response'),
  'change-notify': decodeQueryResponse('change-notify-response'),
  'query-info': decodeQueryResponse('query-info-response'),
  'set-info': empty(2),
  'oplock-break': decodeOplockBreak,
  unknown: undecoded,
};
