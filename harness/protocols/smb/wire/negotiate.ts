import { guidAt } from '../../../packet/addresses.ts';
import type { Cursor } from '../../../packet/cursor.ts';
import { buffer, fileTimeUs, structureSize } from './fields.ts';
import { decodeText } from '../../../packet/text.ts';

/** DialectRevision that answers the SMB1 front door: a second NEGOTIATE follows (MS-SMB2 section 2.2.4). */
export const WILDCARD_DIALECT = 0x02ff;

/** Names of DialectRevision (MS-SMB2 section 2.2.4). */
export const SMB2_DIALECTS: Readonly<Record<number, string>> = {
  0x0202: '2.0.2',
  0x0210: '2.1',
  0x0300: '3.0',
  0x0302: '3.0.2',
  0x0311: '3.1.1',
  [WILDCARD_DIALECT]: '2.???',
};

/** Name of a dialect, or its number in hexadecimal. */
export function dialectName(dialect: number): string {
  return SMB2_DIALECTS[dialect] ?? `0x${dialect.toString(16).padStart(4, '0')}`;
}

/** Types of negotiate contexts (MS-SMB2 section 2.2.3.1). */
export const NEGOTIATE_CONTEXTS: Readonly<Record<number, string>> = {
  1: 'preauth-integrity',
  2: 'encryption',
  3: 'compression',
  5: 'netname',
  6: 'transport',
  7: 'rdma-transform',
  8: 'signing',
  0x100: 'posix',
};

/** A negotiate context of dialect 3.1.1. */
export interface NegotiateContext {
  readonly type: number;
  readonly name: string;
  readonly data: Uint8Array;
}

export interface NegotiateRequest {
  readonly type: 'negotiate-request';
  readonly dialects: readonly number[];
  readonly securityMode: number;
  readonly capabilities: number;
  readonly clientGuid: string;
  readonly contexts: readonly NegotiateContext[];
}

export interface NegotiateResponse {
  readonly type: 'negotiate-response';
  readonly dialect: number;
  readonly securityMode: number;
  readonly serverGuid: string;
  readonly capabilities: number;
  readonly maxTransactSize: number;
  readonly maxReadSize: number;
  readonly maxWriteSize: number;
  readonly systemTimeUs: number;
  /** SPNEGO hint of the mechanisms that the server takes. */
  readonly securityBuffer: Uint8Array;
  readonly contexts: readonly NegotiateContext[];
}

/** NEGOTIATE Request (MS-SMB2 section 2.2.3). */
export function decodeNegotiateRequest(cursor: Cursor): NegotiateRequest {
  structureSize(cursor, 36);
  const count = cursor.u16le('dialect count');
  const securityMode = cursor.u16le('security mode');
  cursor.skip(2, 'reserved');
  const capabilities = cursor.u32le('capabilities');
  const clientGuid = guidAt(cursor.take(16, 'client guid'));
  // Of 3.1.1 only; older clients have ClientStartTime here, which is zero (section 2.2.3).
  const contextOffset = cursor.u32le('negotiate context offset');
  const contextCount = cursor.u16le('negotiate context count');
  cursor.skip(2, 'reserved');
  const dialects: number[] = [];
  for (let i = 0; i < count && !cursor.failure; i++) dialects.push(cursor.u16le('dialect'));
  const contexts = dialects.includes(0x0311) ? decodeContexts(cursor, contextOffset, contextCount) : [];
  return { type: 'negotiate-request', dialects, securityMode, capabilities, clientGuid, contexts };
}

/** NEGOTIATE Response (MS-SMB2 section 2.2.4). */
export function decodeNegotiateResponse(cursor: Cursor): NegotiateResponse {
  structureSize(cursor, 65);
  const securityMode = cursor.u16le('security mode');
  const dialect = cursor.u16le('dialect revision');
  const contextCount = cursor.u16le('negotiate context count');
  const serverGuid = guidAt(cursor.take(16, 'server guid'));
  const capabilities = cursor.u32le('capabilities');
  const maxTransactSize = cursor.u32le('max transact size');
  const maxReadSize = cursor.u32le('max read size');
  const maxWriteSize = cursor.u32le('max write size');
  const systemTimeUs = fileTimeUs(cursor, 'system time');
  cursor.skip(8, 'server start time');
  const securityBuffer = securityBufferAt(cursor);
  const contextOffset = cursor.u32le('negotiate context offset');
  const contexts = dialect === 0x0311 ? decodeContexts(cursor, contextOffset, contextCount) : [];
  return {
    type: 'negotiate-response',
    dialect,
    securityMode,
    serverGuid,
    capabilities,
    maxTransactSize,
    maxReadSize,
    maxWriteSize,
    systemTimeUs,
    securityBuffer,
    contexts,
  };
}

/** SecurityBufferOffset and SecurityBufferLength, read here; the buffer they point at. */
export function securityBufferAt(cursor: Cursor): Uint8Array {
  const offset = cursor.u16le('security buffer offset');
  const length = cursor.u16le('security buffer length');
  return buffer(cursor, offset, length, 'security buffer');
}

// Each context: type, data length, 4 reserved bytes, data; the next one starts at a multiple of 8 (section 2.2.3.1).
function decodeContexts(cursor: Cursor, offset: number, count: number): NegotiateContext[] {
  const contexts: NegotiateContext[] = [];
  if (count === 0) return contexts;
  if (offset > cursor.bytes.length)
    cursor.fail(`negotiate contexts are claimed at ${offset} but there are only ${cursor.bytes.length} bytes`);
  cursor.offset = Math.min(offset, cursor.bytes.length);
  for (let i = 0; i < count; i++) {
    if (i > 0) cursor.skip((8 - (cursor.offset % 8)) % 8, 'padding of a negotiate context');
    const type = cursor.u16le('negotiate context type');
    const length = cursor.u16le('negotiate context length');
    cursor.skip(4, 'reserved');
    const data = cursor.take(length, `negotiate context ${type}`);
    if (cursor.failure) break;
    contexts.push({ type, name: NEGOTIATE_CONTEXTS[type] ?? `context ${type}`, data });
  }
  return contexts;
}

export interface Smb1NegotiateRequest {
  readonly type: 'smb1-negotiate-request';
  /** Dialect strings, e.g. `NT LM 0.12`, `SMB 2.002`, `SMB 2.???`. */
  readonly dialects: readonly string[];
}

export interface Smb1NegotiateResponse {
  readonly type: 'smb1-negotiate-response';
  /** Index into the request's dialects; 0xffff refuses them all. */
  readonly dialectIndex: number;
}

/** Body of SMB_COM_NEGOTIATE (MS-CIFS section 2.2.4.52): parameter words, then strings, each after a 0x02. */
export function decodeSmb1Negotiate(cursor: Cursor, response: boolean): Smb1NegotiateRequest | Smb1NegotiateResponse {
  const words = cursor.u8('word count');
  if (response) {
    if (words === 0) cursor.fail('the response has no dialect index');
    return { type: 'smb1-negotiate-response', dialectIndex: cursor.u16le('dialect index') };
  }
  cursor.skip(words * 2, 'parameter words');
  const data = cursor.take(cursor.u16le('byte count'), 'dialects');
  const dialects: string[] = [];
  for (let at = 0; at < data.length && !cursor.failure; ) {
    const nul = data.indexOf(0, at);
    if (data[at] !== 2 || nul < 0)
      cursor.fail(
        data[at] === 2 ? 'a dialect string has no terminating NUL' : `a dialect begins with 0x02, got ${data[at] ?? 0}`,
      );
    else {
      dialects.push(decodeText(data.subarray(at + 1, nul)));
      at = nul + 1;
    }
  }
  return { type: 'smb1-negotiate-request', dialects };
}
