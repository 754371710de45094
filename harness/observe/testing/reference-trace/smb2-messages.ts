import { joinBytes } from '../../../packet/bytes.ts';
import { encodeUtf16 } from '../../../packet/text.ts';
import { le, u8, zeros } from './link-frames.ts';

// Messages of SMB 2.1 as Windows 7 and Windows Server 2008 R2 write them (MS-SMB2 section 2.2), followed only by what
// the rows' lengths require.

const COMMANDS = {
  negotiate: 0,
  'session-setup': 1,
  'tree-connect': 3,
  create: 5,
  close: 6,
  read: 8,
  ioctl: 11,
} as const;
const HEADER_LENGTH = 64;
const RESPONSE = 1;
const NO_FILE = new Uint8Array(16).fill(0xff);

/** What the header of a message says beside its command. */
export interface Smb2Envelope {
  readonly messageId: number;
  readonly treeId?: number;
  readonly sessionId?: number;
  readonly status?: number;
}

type Command = keyof typeof COMMANDS;

/** Security mode: signing enabled. */
const SIGNING_ENABLED = 1;
/** 2.002 and 2.1. */
export const DIALECT_2_1 = 0x0210;
export const WILDCARD = 0x02ff;

/** Adds the NetBIOS session header. */
export function netbios(message: Uint8Array): Uint8Array {
  return joinBytes([u8(0, message.length >>> 16, (message.length >>> 8) & 0xff, message.length & 0xff), message]);
}

function smb2(
  command: Command,
  flags: number,
  { messageId, treeId = 0, sessionId = 0, status = 0 }: Smb2Envelope,
  body: readonly Uint8Array[],
): Uint8Array {
  const header = [
    u8(0xfe, 0x53, 0x4d, 0x42),
    le(HEADER_LENGTH, 2),
    le(command === 'negotiate' ? 0 : 1, 2),
    le(status, 4),
    le(COMMANDS[command], 2),
    le(1, 2),
    le(flags, 4),
    zeros(4),
    le(messageId, 8),
    le(0xfeff, 4),
    le(treeId, 4),
    le(sessionId, 8),
    zeros(16),
  ];
  return netbios(joinBytes([...header, ...body]));
}

const request = (command: Command, envelope: Smb2Envelope, ...body: Uint8Array[]): Uint8Array =>
  smb2(command, 0, envelope, body);
const response = (command: Command, envelope: Smb2Envelope, ...body: Uint8Array[]): Uint8Array =>
  smb2(command, RESPONSE, envelope, body);

/** SMB_COM_NEGOTIATE of SMB1 (MS-CIFS section 2.2.4.52.1) with the dialects that Windows 7 offers. */
export function smb1Negotiate(): Uint8Array {
  const dialects = [
    'PC NETWORK PROGRAM 1.0',
    'LANMAN1.0',
    'Windows for Workgroups 3.1a',
    'LM1.2X002',
    'LANMAN2.1',
    'NT LM 0.12',
    'SMB 2.002',
    'SMB 2.???',
  ];
  const bytes = Uint8Array.from(dialects.map((dialect) => `\x02${dialect}\0`).join(''), (char) => char.charCodeAt(0));
  return netbios(
    joinBytes([
      u8(0xff, 0x53, 0x4d, 0x42, 0x72),
      zeros(4),
      u8(0x18),
      le(0xc853, 2),
      zeros(12),
      le(0xffff, 2),
      le(0xfeff, 2),
      zeros(2),
      zeros(2),
      u8(0),
      le(bytes.length, 2),
      bytes,
    ]),
  );
}

export function negotiateRequest(envelope: Smb2Envelope): Uint8Array {
  return request(
    'negotiate',
    envelope,
    le(36, 2),
    le(2, 2),
    le(SIGNING_ENABLED, 2),
    zeros(2),
    le(0, 4),
    u8(0xc1, 0x1e, 0x47, 0),
    zeros(12),
    zeros(8),
    le(0x0202, 2),
    le(DIALECT_2_1, 2),
  );
}

export function negotiateResponse(
  envelope: Smb2Envelope,
  dialect: number,
  token: Uint8Array,
  fileTime: bigint,
): Uint8Array {
  const time = zeros(8);
  new DataView(time.buffer).setBigUint64(0, fileTime, true);
  return response(
    'negotiate',
    envelope,
    le(65, 2),
    le(SIGNING_ENABLED, 2),
    le(dialect, 2),
    zeros(2),
    u8(0x5e, 0x47, 0xe4, 0),
    zeros(12),
    le(7, 4),
    le(0x10_0000, 4),
    le(0x10_0000, 4),
    le(0x10_0000, 4),
    time,
    zeros(8),
    le(HEADER_LENGTH + 64, 2),
    le(token.length, 2),
    zeros(4),
    token,
  );
}

export function sessionSetupRequest(envelope: Smb2Envelope, token: Uint8Array): Uint8Array {
  return request(
    'session-setup',
    envelope,
    le(25, 2),
    u8(0, SIGNING_ENABLED),
    le(1, 4),
    zeros(4),
    le(HEADER_LENGTH + 24, 2),
    le(token.length, 2),
    zeros(8),
    token,
  );
}

export function sessionSetupResponse(envelope: Smb2Envelope, token: Uint8Array): Uint8Array {
  return response('session-setup', envelope, le(9, 2), zeros(2), le(HEADER_LENGTH + 8, 2), le(token.length, 2), token);
}

export function treeConnectRequest(envelope: Smb2Envelope, path: string): Uint8Array {
  const bytes = encodeUtf16(path);
  return request('tree-connect', envelope, le(9, 2), zeros(2), le(HEADER_LENGTH + 8, 2), le(bytes.length, 2), bytes);
}

/** `shareType` 1 disk, 2 pipe. */
export function treeConnectResponse(envelope: Smb2Envelope, shareType: 1 | 2): Uint8Array {
  return response(
    'tree-connect',
    envelope,
    le(16, 2),
    u8(shareType, 0),
    le(shareType === 2 ? 0x30 : 0, 4),
    zeros(4),
    le(0x001f_01ff, 4),
  );
}

/** FSCTL_DFS_GET_REFERRALS (MS-DFSC section 2.2.2), up to version 4. */
export function dfsReferralRequest(envelope: Smb2Envelope, path: string): Uint8Array {
  const input = joinBytes([le(4, 2), encodeUtf16(`${path}\0`)]);
  return request(
    'ioctl',
    envelope,
    le(57, 2),
    zeros(2),
    le(0x0006_0194, 4),
    NO_FILE,
    le(HEADER_LENGTH + 56, 4),
    le(input.length, 4),
    zeros(4),
    zeros(4),
    zeros(4),
    le(4096, 4),
    le(1, 4),
    zeros(4),
    input,
  );
}

export function errorResponse(command: Command, envelope: Smb2Envelope & { readonly status: number }): Uint8Array {
  return response(command, envelope, le(9, 2), zeros(2), zeros(4), zeros(1));
}

/** A create context: name and data (MS-SMB2 section 2.2.13.2). */
export interface CreateContext {
  readonly name: string;
  readonly data: Uint8Array;
}

/** FILE_OPEN of a file with contexts; the name is padded to a multiple of 8 in front of them. */
export function createRequest(envelope: Smb2Envelope, name: string, contexts: readonly CreateContext[]): Uint8Array {
  const bytes = encodeUtf16(name);
  const padding = zeros((8 - (bytes.length % 8)) % 8);
  const area = contextArea(contexts);
  const contextsAt = HEADER_LENGTH + 56 + bytes.length + padding.length;
  const oplock = contexts.some((context) => context.name === 'RqLs') ? 0xff : 0;
  return request(
    'create',
    envelope,
    le(57, 2),
    u8(0, oplock),
    le(2, 4),
    zeros(8),
    zeros(8),
    le(0x0012_0089, 4),
    le(0x80, 4),
    le(7, 4),
    le(1, 4),
    le(0x40, 4),
    le(HEADER_LENGTH + 56, 2),
    le(bytes.length, 2),
    le(contextsAt, 4),
    le(area.length, 4),
    bytes,
    padding,
    area,
  );
}

export function createResponse(
  envelope: Smb2Envelope,
  fileId: Uint8Array,
  endOfFile: number,
  fileTime: bigint,
  contexts: readonly CreateContext[],
): Uint8Array {
  const time = zeros(8);
  new DataView(time.buffer).setBigUint64(0, fileTime, true);
  const area = contextArea(contexts);
  const oplock = contexts.some((context) => context.name === 'RqLs') ? 0xff : 0;
  return response(
    'create',
    envelope,
    le(89, 2),
    u8(oplock, 0),
    le(1, 4),
    time,
    time,
    time,
    time,
    le(Math.ceil(endOfFile / 4096) * 4096, 8),
    le(endOfFile, 8),
    le(0x20, 4),
    zeros(4),
    fileId,
    le(HEADER_LENGTH + 88, 4),
    le(area.length, 4),
    area,
  );
}

export function closeRequest(envelope: Smb2Envelope, fileId: Uint8Array): Uint8Array {
  return request('close', envelope, le(24, 2), zeros(2), zeros(4), fileId);
}

export function closeResponse(envelope: Smb2Envelope): Uint8Array {
  return response('close', envelope, le(60, 2), zeros(58));
}

export function readRequest(envelope: Smb2Envelope, fileId: Uint8Array, offset: number, length: number): Uint8Array {
  return request(
    'read',
    envelope,
    le(49, 2),
    u8(0x50, 0),
    le(length, 4),
    le(offset, 8),
    fileId,
    zeros(4),
    zeros(4),
    zeros(4),
    zeros(4),
    zeros(1),
  );
}

export function readResponse(envelope: Smb2Envelope, data: Uint8Array): Uint8Array {
  return response('read', envelope, le(17, 2), u8(HEADER_LENGTH + 16, 0), le(data.length, 4), zeros(4), zeros(4), data);
}

/**
 * Contexts one after the other: next, name offset and length, data offset and length, name padded to 8, data padded to
 * 8.
 */
function contextArea(contexts: readonly CreateContext[]): Uint8Array {
  return joinBytes(
    contexts.map(({ name, data }, index) => {
      const body = joinBytes([Uint8Array.from(name, (char) => char.charCodeAt(0)), zeros(4), data]);
      const padded = joinBytes([body, zeros((8 - (body.length % 8)) % 8)]);
      return joinBytes([
        le(index === contexts.length - 1 ? 0 : 16 + padded.length, 4),
        le(16, 2),
        le(4, 2),
        zeros(2),
        le(data.length === 0 ? 0 : 24, 2),
        le(data.length, 4),
        padded,
      ]);
    }),
  );
}
