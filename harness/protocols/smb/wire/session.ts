import type { Cursor } from '../../../packet/cursor.ts';
import { buffer, structureSize } from './fields.ts';
import { securityBufferAt } from './negotiate.ts';
import { decodeUtf16, hexNumber } from '../../../packet/text.ts';

export interface SessionSetupRequest {
  readonly type: 'session-setup-request';
  /** Bit 0: binds another connection to an existing session. */
  readonly flags: number;
  readonly securityMode: number;
  readonly capabilities: number;
  readonly previousSessionId: string;
  /** SPNEGO or raw NTLMSSP: `decodeSecurityToken` of protocols/ntlm/wire/spnego.ts reads it. */
  readonly securityBuffer: Uint8Array;
}

export interface SessionSetupResponse {
  readonly type: 'session-setup-response';
  readonly guest: boolean;
  readonly anonymous: boolean;
  readonly encrypt: boolean;
  readonly securityBuffer: Uint8Array;
}

/** SESSION_SETUP Request (MS-SMB2 section 2.2.5). */
export function decodeSessionSetupRequest(cursor: Cursor): SessionSetupRequest {
  structureSize(cursor, 25);
  const flags = cursor.u8('flags');
  const securityMode = cursor.u8('security mode');
  const capabilities = cursor.u32le('capabilities');
  cursor.skip(4, 'channel');
  const securityBuffer = securityBufferAt(cursor);
  const previousSessionId = hexNumber(cursor.u64le('previous session id'), 16);
  return { type: 'session-setup-request', flags, securityMode, capabilities, previousSessionId, securityBuffer };
}

/** SESSION_SETUP Response (MS-SMB2 section 2.2.6). */
export function decodeSessionSetupResponse(cursor: Cursor): SessionSetupResponse {
  structureSize(cursor, 9);
  const flags = cursor.u16le('session flags');
  return {
    type: 'session-setup-response',
    guest: (flags & 1) !== 0,
    anonymous: (flags & 2) !== 0,
    encrypt: (flags & 4) !== 0,
    securityBuffer: securityBufferAt(cursor),
  };
}

export interface TreeConnectRequest {
  readonly type: 'tree-connect-request';
  /** `\\server\share` */
  readonly path: string;
}

export interface TreeConnectResponse {
  readonly type: 'tree-connect-response';
  /** 1 disk, 2 pipe, 3 printer. */
  readonly shareType: number;
  readonly shareFlags: number;
  readonly capabilities: number;
  readonly maximalAccess: number;
}

/** TREE_CONNECT Request (MS-SMB2 section 2.2.9). */
export function decodeTreeConnectRequest(cursor: Cursor): TreeConnectRequest {
  structureSize(cursor, 9);
  cursor.skip(2, 'flags');
  const offset = cursor.u16le('path offset');
  const length = cursor.u16le('path length');
  return { type: 'tree-connect-request', path: decodeUtf16(buffer(cursor, offset, length, 'path')) };
}

/** TREE_CONNECT Response (MS-SMB2 section 2.2.10). */
export function decodeTreeConnectResponse(cursor: Cursor): TreeConnectResponse {
  structureSize(cursor, 16);
  const shareType = cursor.u8('share type');
  cursor.skip(1, 'reserved');
  return {
    type: 'tree-connect-response',
    shareType,
    shareFlags: cursor.u32le('share flags'),
    capabilities: cursor.u32le('capabilities'),
    maximalAccess: cursor.u32le('maximal access'),
  };
}
