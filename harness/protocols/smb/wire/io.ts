import { Cursor, size64 } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { buffer, fileId, structureSize } from './fields.ts';
import { SMB2_HEADER_LENGTH } from './header.ts';

export interface ReadRequest {
  readonly type: 'read-request';
  readonly fileId: string;
  readonly offset: number;
  readonly length: number;
  readonly minimumCount: number;
  readonly remaining: number;
}

/** The head of a READ Response: where its data is. */
export interface ReadResponseHead {
  /** Offset of the first data byte from the start of the SMB2 header. */
  readonly dataOffset: number;
  readonly dataLength: number;
  readonly remaining: number;
}

export interface ReadResponse extends ReadResponseHead {
  readonly type: 'read-response';
  /** A view. */
  readonly data: Uint8Array;
}

/** The head of a WRITE Request. */
export interface WriteRequestHead {
  readonly fileId: string;
  readonly offset: number;
  /** Offset of the first data byte from the start of the SMB2 header. */
  readonly dataOffset: number;
  readonly dataLength: number;
  readonly remaining: number;
}

export interface WriteRequest extends WriteRequestHead {
  readonly type: 'write-request';
  /** A view. */
  readonly data: Uint8Array;
}

export interface WriteResponse {
  readonly type: 'write-response';
  readonly count: number;
}

/** Bytes of a READ Response, from its SMB2 header on, that decodeReadResponse needs: 64 of header, 16 of body. */
export const READ_RESPONSE_HEAD_LENGTH = SMB2_HEADER_LENGTH + 16;
/** Bytes of a WRITE Request, from its SMB2 header on, that decodeWriteRequest needs: 64 of header, 48 of body. */
export const WRITE_REQUEST_HEAD_LENGTH = SMB2_HEADER_LENGTH + 48;

/**
 * Where the data of a READ Response is, from its first 80 bytes (SMB2 header included), so that bulk data need never
 * be assembled. For a response whose status is success or BUFFER_OVERFLOW; others carry an error body, whose size
 * differs.
 */
export function decodeReadResponse(head: Uint8Array): ReadResponseHead | Malformed {
  const cursor = new Cursor(head, 'smb2', Math.min(SMB2_HEADER_LENGTH, head.length));
  const response = readResponseHead(cursor);
  return cursor.failure ?? response;
}

/** What a WRITE Request writes and where, from its first 112 bytes (SMB2 header included). */
export function decodeWriteRequest(head: Uint8Array): WriteRequestHead | Malformed {
  const cursor = new Cursor(head, 'smb2', Math.min(SMB2_HEADER_LENGTH, head.length));
  const request = writeRequestHead(cursor);
  return cursor.failure ?? request;
}

/** READ Request (MS-SMB2 section 2.2.19). */
export function decodeReadRequestBody(cursor: Cursor): ReadRequest {
  structureSize(cursor, 49);
  cursor.skip(2, 'padding and flags');
  const length = cursor.u32le('length');
  const offset = size64(cursor, 'offset');
  const id = fileId(cursor);
  const minimumCount = cursor.u32le('minimum count');
  cursor.skip(4, 'channel');
  const remaining = cursor.u32le('remaining bytes');
  return { type: 'read-request', fileId: id, offset, length, minimumCount, remaining };
}

/** READ Response with its data (MS-SMB2 section 2.2.20). */
export function decodeReadResponseBody(cursor: Cursor): ReadResponse {
  const head = readResponseHead(cursor);
  return { type: 'read-response', ...head, data: buffer(cursor, head.dataOffset, head.dataLength, 'read data') };
}

/** WRITE Request with its data (MS-SMB2 section 2.2.21). */
export function decodeWriteRequestBody(cursor: Cursor): WriteRequest {
  const head = writeRequestHead(cursor);
  return { type: 'write-request', ...head, data: buffer(cursor, head.dataOffset, head.dataLength, 'write data') };
}

/** WRITE Response (MS-SMB2 section 2.2.22). */
export function decodeWriteResponseBody(cursor: Cursor): WriteResponse {
  structureSize(cursor, 17);
  cursor.skip(2, 'reserved');
  return { type: 'write-response', count: cursor.u32le('count') };
}

function readResponseHead(cursor: Cursor): ReadResponseHead {
  structureSize(cursor, 17);
  const dataOffset = cursor.u8('data offset');
  cursor.skip(1, 'reserved');
  const dataLength = cursor.u32le('data length');
  const remaining = cursor.u32le('data remaining');
  cursor.skip(4, 'reserved');
  return { dataOffset, dataLength, remaining };
}

function writeRequestHead(cursor: Cursor): WriteRequestHead {
  structureSize(cursor, 49);
  const dataOffset = cursor.u16le('data offset');
  const dataLength = cursor.u32le('length');
  const offset = size64(cursor, 'offset');
  const id = fileId(cursor);
  cursor.skip(4, 'channel');
  const remaining = cursor.u32le('remaining bytes');
  cursor.skip(8, 'channel info and flags');
  return { fileId: id, offset, dataOffset, dataLength, remaining };
}
