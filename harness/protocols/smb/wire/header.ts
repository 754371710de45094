import { Cursor } from '../../../packet/cursor.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { ntStatusName } from '../../../packet/ntstatus.ts';
import { hexNumber } from '../../../packet/text.ts';

// Numbers: MS-SMB2 section 2.2.1. All functions of this folder take bytes from the protocol identifier on;
// decodeNetbiosHeader reads the four bytes of NetBIOS framing in front of it.

/** Protocol identifiers that a message begins with, first byte first (MS-SMB2 sections 2.2.1, 2.2.41, 2.2.42). */
export const SMB_PROTOCOL = {
  smb2: 0xfe534d42,
  smb1: 0xff534d42,
  encrypted: 0xfd534d42,
  compressed: 0xfc534d42,
} as const;
const SMB_PROTOCOLS: ReadonlySet<number> = new Set(Object.values(SMB_PROTOCOL));

/** Command names by number (MS-SMB2 section 2.2.1.2). */
export const SMB2_COMMANDS = [
  'negotiate',
  'session-setup',
  'logoff',
  'tree-connect',
  'tree-disconnect',
  'create',
  'close',
  'flush',
  'read',
  'write',
  'lock',
  'ioctl',
  'cancel',
  'echo',
  'query-directory',
  'change-notify',
  'query-info',
  'set-info',
  'oplock-break',
] as const;
export type Smb2Command = (typeof SMB2_COMMANDS)[number] | 'unknown';

export const SMB2_HEADER_LENGTH = 64;
/** Bytes of framing in front of every message on TCP port 445. */
export const NETBIOS_HEADER_LENGTH = 4;

/** An SMB2 header, sync or async. */
export interface Smb2Header {
  readonly kind: 'smb2';
  readonly command: Smb2Command;
  readonly commandNumber: number;
  /** NTSTATUS in responses; channel sequence in requests of dialect 3.x. */
  readonly status: number;
  readonly statusName: string;
  readonly response: boolean;
  readonly async: boolean;
  /** Compounded with the message before it: an all-ones FileId means the one of that message. */
  readonly related: boolean;
  readonly signed: boolean;
  readonly dfs: boolean;
  readonly creditCharge: number;
  /** Asked for in a request, granted in a response. */
  readonly credits: number;
  /** Offset of the next message of the compound from the start of this one; 0 in the last. */
  readonly nextCommand: number;
  readonly messageId: bigint;
  /** Of async messages, in place of the tree. */
  readonly asyncId?: bigint;
  readonly treeId?: number;
  /** `0x` and 16 digits. */
  readonly sessionId: string;
}

/** An SMB1 header: only its NEGOTIATE matters, the front door to SMB2 (MS-SMB2 section 3.3.5.3). */
export interface Smb1Header {
  readonly kind: 'smb1';
  readonly commandNumber: number;
  readonly status: number;
  readonly response: boolean;
}

/** A transform header: the message after it is encrypted (MS-SMB2 section 2.2.41). */
export interface SmbEncryptedHeader {
  readonly kind: 'smb-encrypted';
  readonly sessionId: string;
  readonly originalLength: number;
}

/** A compression transform header (MS-SMB2 section 2.2.42). */
export interface SmbCompressedHeader {
  readonly kind: 'smb-compressed';
  readonly originalLength: number;
  readonly algorithm: number;
  readonly chained: boolean;
}

export type SmbHeader = Smb2Header | Smb1Header | SmbEncryptedHeader | SmbCompressedHeader;

/**
 * Length of the SMB message after the four bytes of direct-TCP framing (MS-SMB2 section 2.1: a zero byte, then 24
 * bits). Other first bytes are NetBIOS session services; 0x85 (keep-alive) is the one that may turn up.
 */
export function decodeNetbiosHeader(bytes: Uint8Array): { readonly type: number; readonly length: number } | Malformed {
  if (bytes.length < NETBIOS_HEADER_LENGTH)
    return malformed(
      'netbios',
      `the header has ${NETBIOS_HEADER_LENGTH} bytes but there are only ${bytes.length}`,
      bytes,
    );
  const type = bytes[0] ?? 0;
  if (type !== 0 && type !== 0x85)
    return malformed('netbios', `expected type 0 (message) or 0x85 (keep-alive), got ${hexNumber(type, 2)}`, bytes);
  return { type, length: ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0) };
}

/** Bytes that `beginsSmb` looks at. */
export const SMB_BEGINNING_LENGTH = NETBIOS_HEADER_LENGTH + 4;

/** Whether a segment begins with direct-TCP framing and an SMB protocol identifier. */
export function beginsSmb(bytes: Uint8Array): boolean {
  if (bytes.length < SMB_BEGINNING_LENGTH || bytes[0] !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return SMB_PROTOCOLS.has(view.getUint32(NETBIOS_HEADER_LENGTH));
}

/** The header at the start of a message; 64 bytes suffice. */
export function decodeSmbHeader(bytes: Uint8Array): SmbHeader | Malformed {
  const cursor = new Cursor(bytes, 'smb2');
  const protocol = cursor.u32be('protocol identifier');
  if (cursor.failure) return cursor.failure;
  switch (protocol) {
    case SMB_PROTOCOL.smb2:
      return decodeSmb2Header(cursor);
    case SMB_PROTOCOL.smb1:
      return decodeSmb1Header(cursor);
    case SMB_PROTOCOL.encrypted:
      return decodeEncryptedHeader(cursor);
    case SMB_PROTOCOL.compressed:
      return decodeCompressedHeader(cursor);
    default:
      return malformed(
        'smb2',
        `expected a protocol identifier FE, FF, FD or FC "SMB", got ${hexNumber(protocol)}`,
        bytes,
      );
  }
}

function decodeSmb2Header(cursor: Cursor): Smb2Header | Malformed {
  const structureSize = cursor.u16le('structure size');
  if (!cursor.failure && structureSize !== SMB2_HEADER_LENGTH)
    return cursor.fail(`the header's structure size must be 64, got ${structureSize}`, 4);
  const creditCharge = cursor.u16le('credit charge');
  const status = cursor.u32le('status');
  const commandNumber = cursor.u16le('command');
  const credits = cursor.u16le('credits');
  const flags = cursor.u32le('flags');
  const nextCommand = cursor.u32le('next command');
  const messageId = cursor.u64le('message id');
  const isAsync = (flags & 2) !== 0;
  const owner = isAsync
    ? { asyncId: cursor.u64le('async id') }
    : { treeId: (cursor.skip(4, 'process id'), cursor.u32le('tree id')) };
  const sessionId = hexNumber(cursor.u64le('session id'), 16);
  cursor.skip(16, 'signature');
  return (
    cursor.failure ?? {
      kind: 'smb2',
      command: SMB2_COMMANDS[commandNumber] ?? 'unknown',
      commandNumber,
      status,
      statusName: ntStatusName(status),
      response: (flags & 1) !== 0,
      async: isAsync,
      related: (flags & 4) !== 0,
      signed: (flags & 8) !== 0,
      dfs: (flags & 0x10000000) !== 0,
      creditCharge,
      credits,
      nextCommand,
      messageId,
      ...owner,
      sessionId,
    }
  );
}

// MS-CIFS section 2.2.3.1: 32 bytes; bit 7 of the flags marks a response.
function decodeSmb1Header(cursor: Cursor): Smb1Header | Malformed {
  const commandNumber = cursor.u8('command');
  const status = cursor.u32le('status');
  const flags = cursor.u8('flags');
  cursor.skip(22, 'the rest of the SMB1 header');
  return cursor.failure ?? { kind: 'smb1', commandNumber, status, response: (flags & 0x80) !== 0 };
}

function decodeEncryptedHeader(cursor: Cursor): SmbEncryptedHeader | Malformed {
  cursor.skip(32, 'signature and nonce');
  const originalLength = cursor.u32le('original message size');
  cursor.skip(4, 'reserved and flags');
  const sessionId = hexNumber(cursor.u64le('session id'), 16);
  return cursor.failure ?? { kind: 'smb-encrypted', sessionId, originalLength };
}

function decodeCompressedHeader(cursor: Cursor): SmbCompressedHeader | Malformed {
  const originalLength = cursor.u32le('original size');
  const algorithm = cursor.u16le('compression algorithm');
  const chained = (cursor.u16le('compression flags') & 1) !== 0;
  return cursor.failure ?? { kind: 'smb-compressed', originalLength, algorithm, chained };
}
