import { guidAt } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeSecurityToken, type SecurityToken } from '../../ntlm/wire/spnego.ts';
import { decodeText } from '../../../packet/text.ts';

// Connection-oriented DCE/RPC PDUs (C706 chapter 12, MS-RPCE section 2.2.2), little-endian as every Windows writes
// them.

/** Interfaces and transfer syntaxes with their versions. */
export const RPC_SYNTAXES = {
  endpointMapper: { uuid: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa', version: '3.0' },
  wdsControl: { uuid: '1a927394-352e-4553-ae3f-7cf4aafca620', version: '1.0' },
  /** The transfer syntax that every implementation has. */
  ndr: { uuid: '8a885d04-1ceb-11c9-9fe8-08002b104860', version: '2.0' },
} as const satisfies Readonly<Record<string, RpcSyntax>>;

/** Auth types of a security trailer (MS-RPCE section 2.2.1.1.7). @public The protocol's own vocabulary, whole. */
export const RPC_AUTH_TYPES = { none: 0, spnego: 9, ntlm: 10, kerberos: 16 } as const;

/** Auth levels of a security trailer (MS-RPCE section 2.2.1.1.8). */
export const RPC_AUTH_LEVELS = { none: 1, connect: 2, call: 3, packet: 4, integrity: 5, privacy: 6 } as const;

/** PDU names by type. */
export const RPC_PDU_TYPES: Readonly<Record<number, string>> = {
  0: 'request',
  2: 'response',
  3: 'fault',
  11: 'bind',
  12: 'bind-ack',
  13: 'bind-nak',
  14: 'alter-context',
  15: 'alter-context-response',
  16: 'auth3',
  17: 'shutdown',
  18: 'cancel',
  19: 'orphaned',
};

/** Interfaces that a WDS boot talks to. */
export const RPC_INTERFACES: Readonly<Record<string, string>> = {
  [RPC_SYNTAXES.endpointMapper.uuid]: 'endpoint mapper',
  [RPC_SYNTAXES.wdsControl.uuid]: 'WDS control',
};

export const RPC_HEADER_LENGTH = 16;

/** The 16 bytes that every PDU begins with. */
export interface RpcHeader {
  readonly kind: 'rpc';
  readonly type: number;
  /** e.g. `alter-context`, or `type-99`. */
  readonly name: string;
  readonly firstFragment: boolean;
  readonly lastFragment: boolean;
  /**
   * PFC_SUPPORT_HEADER_SIGN of bind, alter-context and their answers (MS-RPCE section 2.2.2.3); of requests the same
   * bit is a cancel.
   */
  readonly headerSign: boolean;
  readonly hasObject: boolean;
  /** Of the whole PDU, this header included. */
  readonly fragmentLength: number;
  readonly authLength: number;
  readonly callId: number;
}

/** A presentation syntax: interface or transfer syntax. */
export interface RpcSyntax {
  readonly uuid: string;
  /** `major.minor` */
  readonly version: string;
}

export interface RpcContext {
  readonly contextId: number;
  readonly abstract: RpcSyntax;
  readonly transfers: readonly RpcSyntax[];
}

export interface RpcContextResult {
  /** 0 accepted, 1 refused by the user, 2 by the provider, 3 negotiate acknowledged. */
  readonly result: number;
  readonly reason: number;
  readonly transfer: RpcSyntax;
}

/** The trailer of an authenticated PDU (MS-RPCE section 2.2.2.11). */
export interface RpcAuth {
  /** 9 SPNEGO, 10 NTLM, 16 Kerberos. */
  readonly type: number;
  /** 1 none … 5 integrity, 6 privacy: the stub is encrypted. */
  readonly level: number;
  readonly contextId: number;
  /** Bytes between stub and trailer that align the trailer; they are sealed with the stub. */
  readonly padLength: number;
  readonly value: Uint8Array;
  /** Of bind, alter-context, their answers and auth3, whose value is a security token. */
  readonly token?: SecurityToken | Malformed;
}

export type RpcBody =
  | {
      readonly type: 'bind';
      readonly maxTransmit: number;
      readonly maxReceive: number;
      /** 0 asks for a new one. */
      readonly associationGroup: number;
      readonly contexts: readonly RpcContext[];
    }
  | {
      readonly type: 'bind-ack';
      readonly maxTransmit: number;
      readonly maxReceive: number;
      readonly associationGroup: number;
      readonly secondaryAddress: string;
      readonly results: readonly RpcContextResult[];
    }
  | { readonly type: 'bind-nak'; readonly reason: number }
  | {
      readonly type: 'request';
      /** What is still to come of the stub over all fragments, as the sender hints. */
      readonly allocationHint: number;
      readonly contextId: number;
      readonly opnum: number;
      readonly object?: string;
      readonly stub: Uint8Array;
    }
  | {
      readonly type: 'response';
      readonly allocationHint: number;
      readonly contextId: number;
      readonly stub: Uint8Array;
    }
  | { readonly type: 'fault'; readonly contextId: number; readonly status: number }
  | { readonly type: 'other' };

/** A whole PDU. */
export interface RpcPdu {
  readonly kind: 'rpc-pdu';
  readonly header: RpcHeader;
  readonly body: RpcBody | Malformed;
  readonly auth?: RpcAuth | Malformed;
}

/** The header at the start of a PDU; `fragmentLength` says where in a stream the next one begins. */
export function decodeRpcHeader(bytes: Uint8Array): RpcHeader | Malformed {
  const cursor = new Cursor(bytes, 'rpc');
  const version = cursor.u8('version');
  const minor = cursor.u8('minor version');
  const type = cursor.u8('PDU type');
  const flags = cursor.u8('flags');
  const representation = cursor.u8('data representation');
  cursor.skip(3, 'the rest of the data representation');
  const fragmentLength = cursor.u16le('fragment length');
  const authLength = cursor.u16le('auth length');
  const callId = cursor.u32le('call id');
  if (cursor.failure) return cursor.failure;
  if (version !== 5 || minor > 1) return cursor.fail(`expected version 5.0, got ${version}.${minor}`, 0);
  if (representation >> 4 !== 1)
    return cursor.fail(
      `expected little-endian integers (0x10), got data representation 0x${representation.toString(16)}`,
      4,
    );
  if (fragmentLength < RPC_HEADER_LENGTH)
    return cursor.fail(`fragment length ${fragmentLength} is less than the header's ${RPC_HEADER_LENGTH}`, 8);
  const name = RPC_PDU_TYPES[type] ?? `type-${type}`;
  return {
    kind: 'rpc',
    type,
    name,
    firstFragment: (flags & 1) !== 0,
    lastFragment: (flags & 2) !== 0,
    headerSign: (flags & 4) !== 0,
    hasObject: (flags & 0x80) !== 0,
    fragmentLength,
    authLength,
    callId,
  };
}

/** Bytes of a security trailer in front of its auth value (MS-RPCE section 2.2.2.11). */
export const AUTH_TRAILER_LENGTH = 8;

/** One whole PDU; bytes after its fragment length are ignored. */
export function decodeRpcPdu(bytes: Uint8Array): RpcPdu | Malformed {
  const header = decodeRpcHeader(bytes);
  if (header.kind === 'malformed') return header;
  if (header.fragmentLength > bytes.length)
    return malformed(
      'rpc',
      `fragment length ${header.fragmentLength} is more than the ${bytes.length} bytes`,
      bytes,
      8,
    );
  const own = bytes.subarray(0, header.fragmentLength);
  const auth = header.authLength > 0 ? decodeAuth(own, header) : undefined;
  const padding = auth && 'padding' in auth ? auth.padding : 0;
  const end = auth && 'padding' in auth ? auth.start - padding : own.length;
  const cursor = new Cursor(own.subarray(0, Math.max(end, RPC_HEADER_LENGTH)), 'rpc', RPC_HEADER_LENGTH);
  const body = decodeBody(cursor, header);
  return {
    kind: 'rpc-pdu',
    header,
    body: cursor.failure ?? body,
    ...(auth ? { auth: 'padding' in auth ? auth.auth : auth } : {}),
  };
}

// The auth value ends the PDU; its trailer of 8 bytes is in front of it, and padding of the stub in front of that.
function decodeAuth(own: Uint8Array, header: RpcHeader): { auth: RpcAuth; start: number; padding: number } | Malformed {
  const start = own.length - header.authLength - AUTH_TRAILER_LENGTH;
  if (start < RPC_HEADER_LENGTH)
    return malformed(
      'rpc',
      `auth length ${header.authLength} and its trailer do not fit into fragment length ${header.fragmentLength}`,
      own,
      10,
    );
  const cursor = new Cursor(own, 'rpc', start);
  const type = cursor.u8('auth type');
  const level = cursor.u8('auth level');
  const padding = cursor.u8('auth pad length');
  cursor.skip(1, 'reserved');
  const contextId = cursor.u32le('auth context id');
  const value = cursor.rest();
  if (start - padding < RPC_HEADER_LENGTH)
    return malformed(
      'rpc',
      `auth pad length ${padding} is more than the ${start - RPC_HEADER_LENGTH} bytes of body`,
      own,
      start + 2,
    );
  const carriesToken = header.type >= 11 && header.type <= 16;
  return {
    auth: {
      type,
      level,
      contextId,
      padLength: padding,
      value,
      ...(carriesToken ? { token: decodeSecurityToken(value) } : {}),
    },
    start,
    padding,
  };
}

function decodeBody(cursor: Cursor, header: RpcHeader): RpcBody {
  switch (header.type) {
    case 11:
    case 14:
      return decodeBind(cursor);
    case 12:
    case 15:
      return decodeBindAck(cursor);
    case 13:
      return { type: 'bind-nak', reason: cursor.u16le('reject reason') };
    case 0:
      return decodeRequest(cursor, header);
    case 2: {
      const allocationHint = cursor.u32le('allocation hint');
      const contextId = cursor.u16le('context id');
      cursor.skip(2, 'cancel count');
      return { type: 'response', allocationHint, contextId, stub: cursor.rest() };
    }
    case 3: {
      cursor.skip(4, 'allocation hint');
      const contextId = cursor.u16le('context id');
      cursor.skip(2, 'cancel count');
      return { type: 'fault', contextId, status: cursor.u32le('status') };
    }
    default:
      return { type: 'other' };
  }
}

function decodeRequest(cursor: Cursor, header: RpcHeader): RpcBody {
  const allocationHint = cursor.u32le('allocation hint');
  const contextId = cursor.u16le('context id');
  const opnum = cursor.u16le('opnum');
  const object = header.hasObject ? { object: guidAt(cursor.take(16, 'object')) } : {};
  return { type: 'request', allocationHint, contextId, opnum, ...object, stub: cursor.rest() };
}

function decodeBind(cursor: Cursor): RpcBody {
  const maxTransmit = cursor.u16le('max transmit fragment');
  const maxReceive = cursor.u16le('max receive fragment');
  const associationGroup = cursor.u32le('association group');
  const count = cursor.u8('number of contexts');
  cursor.skip(3, 'reserved');
  const contexts: RpcContext[] = [];
  while (contexts.length < count) {
    const contextId = cursor.u16le('context id');
    const transferCount = cursor.u8('number of transfer syntaxes');
    cursor.skip(1, 'reserved');
    const abstract = syntax(cursor);
    const transfers: RpcSyntax[] = [];
    while (transfers.length < transferCount && !cursor.failure) transfers.push(syntax(cursor));
    if (cursor.failure) break;
    contexts.push({ contextId, abstract, transfers });
  }
  return { type: 'bind', maxTransmit, maxReceive, associationGroup, contexts };
}

function decodeBindAck(cursor: Cursor): RpcBody {
  const maxTransmit = cursor.u16le('max transmit fragment');
  const maxReceive = cursor.u16le('max receive fragment');
  const associationGroup = cursor.u32le('association group');
  const address = cursor.take(cursor.u16le('secondary address length'), 'secondary address');
  cursor.skip((4 - (cursor.offset % 4)) % 4, 'padding');
  const count = cursor.u8('number of results');
  cursor.skip(3, 'reserved');
  const results: RpcContextResult[] = [];
  while (results.length < count) {
    const result = { result: cursor.u16le('result'), reason: cursor.u16le('reason'), transfer: syntax(cursor) };
    if (cursor.failure) break;
    results.push(result);
  }
  // The address is a C string, terminator included (C706 section 12.6.3.1).
  const nul = address.indexOf(0);
  return {
    type: 'bind-ack',
    maxTransmit,
    maxReceive,
    associationGroup,
    secondaryAddress: decodeText(nul < 0 ? address : address.subarray(0, nul)),
    results,
  };
}

function syntax(cursor: Cursor): RpcSyntax {
  const uuid = guidAt(cursor.take(16, 'interface'));
  const major = cursor.u16le('major version');
  return { uuid, version: `${major}.${cursor.u16le('minor version')}` };
}
