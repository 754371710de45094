import type { Cursor } from '../../../packet/cursor.ts';
import { buffer, fileId, structureSize } from './fields.ts';
import { decodeUtf16, hex } from '../../../packet/text.ts';

export interface QueryDirectoryRequest {
  readonly type: 'query-directory-request';
  readonly informationClass: number;
  readonly flags: number;
  readonly fileId: string;
  /** Search pattern, e.g. `*`. */
  readonly pattern: string;
  readonly outputBufferLength: number;
}

export interface QueryInfoRequest {
  readonly type: 'query-info-request';
  /** 1 file, 2 file system, 3 security, 4 quota. */
  readonly infoType: number;
  readonly informationClass: number;
  readonly fileId: string;
  readonly outputBufferLength: number;
}

export interface SetInfoRequest {
  readonly type: 'set-info-request';
  readonly infoType: number;
  readonly informationClass: number;
  readonly fileId: string;
  readonly data: Uint8Array;
}

export interface QueryResponse {
  readonly type: 'query-directory-response' | 'query-info-response' | 'change-notify-response';
  readonly data: Uint8Array;
}

export interface OplockBreak {
  readonly type: 'oplock-break';
  /** A lease is broken, acknowledged or answered instead of an oplock (sections 2.2.23.2, 2.2.24.2). */
  readonly lease: boolean;
  /** New oplock level, or the new lease state. */
  readonly level: number;
  /** FileId, or the lease key. */
  readonly key: string;
}

/** QUERY_DIRECTORY Request (MS-SMB2 section 2.2.33). */
export function decodeQueryDirectoryRequest(cursor: Cursor): QueryDirectoryRequest {
  structureSize(cursor, 33);
  const informationClass = cursor.u8('information class');
  const flags = cursor.u8('flags');
  cursor.skip(4, 'file index');
  const id = fileId(cursor);
  const nameOffset = cursor.u16le('name offset');
  const nameLength = cursor.u16le('name length');
  const outputBufferLength = cursor.u32le('output buffer length');
  return {
    type: 'query-directory-request',
    informationClass,
    flags,
    fileId: id,
    pattern: decodeUtf16(buffer(cursor, nameOffset, nameLength, 'search pattern')),
    outputBufferLength,
  };
}

/** QUERY_INFO Request (MS-SMB2 section 2.2.37). */
export function decodeQueryInfoRequest(cursor: Cursor): QueryInfoRequest {
  structureSize(cursor, 41);
  const infoType = cursor.u8('info type');
  const informationClass = cursor.u8('information class');
  const outputBufferLength = cursor.u32le('output buffer length');
  cursor.skip(16, 'input buffer, additional information and flags');
  return { type: 'query-info-request', infoType, informationClass, fileId: fileId(cursor), outputBufferLength };
}

/** SET_INFO Request (MS-SMB2 section 2.2.39). */
export function decodeSetInfoRequest(cursor: Cursor): SetInfoRequest {
  structureSize(cursor, 33);
  const infoType = cursor.u8('info type');
  const informationClass = cursor.u8('information class');
  const length = cursor.u32le('buffer length');
  const offset = cursor.u16le('buffer offset');
  cursor.skip(6, 'reserved and additional information');
  return {
    type: 'set-info-request',
    infoType,
    informationClass,
    fileId: fileId(cursor),
    data: buffer(cursor, offset, length, 'information'),
  };
}

/**
 * Responses that carry one buffer: QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO (MS-SMB2 sections 2.2.34, 2.2.36,
 * 2.2.38).
 */
export function decodeQueryResponse(type: QueryResponse['type']): (cursor: Cursor) => QueryResponse {
  return (cursor) => {
    structureSize(cursor, 9);
    const offset = cursor.u16le('output buffer offset');
    const length = cursor.u32le('output buffer length');
    return { type, data: buffer(cursor, offset, length, 'output') };
  };
}

/**
 * OPLOCK_BREAK in all its forms, distinguished by structure size: oplock 24; lease notification 44, acknowledgement and
 * response 36.
 */
export function decodeOplockBreak(cursor: Cursor): OplockBreak {
  const size = structureSize(cursor, 24, 36, 44);
  if (size === 24) {
    const level = cursor.u8('oplock level');
    cursor.skip(5, 'reserved');
    return { type: 'oplock-break', lease: false, level, key: fileId(cursor) };
  }
  cursor.skip(6, 'epoch or reserved, and flags');
  const key = hex(cursor.take(16, 'lease key'));
  // A notification names the current state before the new one.
  if (size === 44) cursor.skip(4, 'current lease state');
  return { type: 'oplock-break', lease: true, level: cursor.u32le('lease state'), key };
}
