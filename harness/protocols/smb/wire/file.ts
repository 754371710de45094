import { type Cursor, size64 } from '../../../packet/cursor.ts';
import { buffer, chain, fileId, fileTimeUs, structureSize } from './fields.ts';
import { decodeText, decodeUtf16 } from '../../../packet/text.ts';

/** A create context, e.g. `MxAc`, `RqLs`, `DH2Q` (MS-SMB2 section 2.2.13.2). */
export interface CreateContext {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Bit of FileAttributes that marks a directory (MS-FSCC section 2.6). */
const FILE_ATTRIBUTE_DIRECTORY = 0x10;

export interface CreateRequest {
  readonly type: 'create-request';
  /** Relative to the share, backslashes, as the client wrote it. */
  readonly name: string;
  readonly oplockLevel: number;
  readonly desiredAccess: number;
  readonly fileAttributes: number;
  readonly shareAccess: number;
  /** 0 supersede, 1 open, 2 create, 3 open or create, 4 overwrite, 5 overwrite or create. */
  readonly disposition: number;
  /** Bit 0: must be a directory; bit 6: must not be one. */
  readonly options: number;
  readonly contexts: readonly CreateContext[];
}

interface FileFacts {
  readonly creationTimeUs: number;
  readonly lastAccessTimeUs: number;
  readonly lastWriteTimeUs: number;
  readonly changeTimeUs: number;
  readonly allocationSize: number;
  readonly endOfFile: number;
  readonly fileAttributes: number;
  readonly directory: boolean;
}

export interface CreateResponse extends FileFacts {
  readonly type: 'create-response';
  readonly oplockLevel: number;
  /** 0 superseded, 1 opened, 2 created, 3 overwritten. */
  readonly action: number;
  readonly fileId: string;
  readonly contexts: readonly CreateContext[];
}

/** CREATE Request (MS-SMB2 section 2.2.13). */
export function decodeCreateRequest(cursor: Cursor): CreateRequest {
  structureSize(cursor, 57);
  cursor.skip(1, 'security flags');
  const oplockLevel = cursor.u8('oplock level');
  cursor.skip(20, 'impersonation level, create flags and reserved');
  const desiredAccess = cursor.u32le('desired access');
  const fileAttributes = cursor.u32le('file attributes');
  const shareAccess = cursor.u32le('share access');
  const disposition = cursor.u32le('create disposition');
  const options = cursor.u32le('create options');
  const nameOffset = cursor.u16le('name offset');
  const nameLength = cursor.u16le('name length');
  const contexts = decodeContexts(cursor);
  return {
    type: 'create-request',
    name: decodeUtf16(buffer(cursor, nameOffset, nameLength, 'name')),
    oplockLevel,
    desiredAccess,
    fileAttributes,
    shareAccess,
    disposition,
    options,
    contexts,
  };
}

/** CREATE Response (MS-SMB2 section 2.2.14). */
export function decodeCreateResponse(cursor: Cursor): CreateResponse {
  structureSize(cursor, 89);
  const oplockLevel = cursor.u8('oplock level');
  cursor.skip(1, 'flags');
  const action = cursor.u32le('create action');
  const facts = decodeFacts(cursor);
  cursor.skip(4, 'reserved');
  return {
    type: 'create-response',
    oplockLevel,
    action,
    ...facts,
    fileId: fileId(cursor),
    contexts: decodeContexts(cursor),
  };
}

export interface CloseRequest {
  readonly type: 'close-request';
  readonly fileId: string;
  /** The client wants the file's facts in the response. */
  readonly wantsAttributes: boolean;
}

export interface CloseResponse extends FileFacts {
  readonly type: 'close-response';
  /** False: the other fields are zero and mean nothing. */
  readonly hasAttributes: boolean;
}

/** CLOSE Request (MS-SMB2 section 2.2.15). */
export function decodeCloseRequest(cursor: Cursor): CloseRequest {
  structureSize(cursor, 24);
  const flags = cursor.u16le('flags');
  cursor.skip(4, 'reserved');
  return { type: 'close-request', fileId: fileId(cursor), wantsAttributes: (flags & 1) !== 0 };
}

/** CLOSE Response (MS-SMB2 section 2.2.16). */
export function decodeCloseResponse(cursor: Cursor): CloseResponse {
  structureSize(cursor, 60);
  const flags = cursor.u16le('flags');
  cursor.skip(4, 'reserved');
  return { type: 'close-response', hasAttributes: (flags & 1) !== 0, ...decodeFacts(cursor) };
}

function decodeFacts(cursor: Cursor): FileFacts {
  const creationTimeUs = fileTimeUs(cursor, 'creation time');
  const lastAccessTimeUs = fileTimeUs(cursor, 'last access time');
  const lastWriteTimeUs = fileTimeUs(cursor, 'last write time');
  const changeTimeUs = fileTimeUs(cursor, 'change time');
  const allocationSize = size64(cursor, 'allocation size');
  const endOfFile = size64(cursor, 'end of file');
  const fileAttributes = cursor.u32le('file attributes');
  return {
    creationTimeUs,
    lastAccessTimeUs,
    lastWriteTimeUs,
    changeTimeUs,
    allocationSize,
    endOfFile,
    fileAttributes,
    directory: (fileAttributes & FILE_ATTRIBUTE_DIRECTORY) !== 0,
  };
}

// Next (from the start of this context), name offset and length, reserved, data offset and length; then name and data.
function decodeContexts(cursor: Cursor): CreateContext[] {
  const offset = cursor.u32le('create contexts offset');
  const length = cursor.u32le('create contexts length');
  const contexts: CreateContext[] = [];
  const area = buffer(cursor, offset, length, 'create contexts');
  if (area.length === 0 || cursor.failure) return contexts;
  const after = cursor.offset;
  cursor.offset = offset;
  chain(cursor, (at) => {
    const next = cursor.u32le('next create context');
    const nameOffset = cursor.u16le('context name offset');
    const nameLength = cursor.u16le('context name length');
    cursor.skip(2, 'reserved');
    const dataOffset = cursor.u16le('context data offset');
    const dataLength = cursor.u32le('context data length');
    const name = decodeText(buffer(cursor, at + nameOffset, nameLength, 'context name'));
    const data = buffer(cursor, at + dataOffset, dataLength, `create context ${name}`);
    if (!cursor.failure) contexts.push({ name, data });
    return next;
  });
  cursor.offset = after;
  return contexts;
}
