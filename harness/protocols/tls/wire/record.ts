import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { alertName } from './names.ts';

// The record layer: RFC 8446 section 5.1; the same in RFC 5246 section 6.2.

/** Type, version and length before each record. */
export const RECORD_HEADER_BYTES = 5;
/** 2^14 bytes, and 2048 for what a cipher may add (RFC 5246 section 6.2.3); TLS 1.3 allows 256. */
export const MAX_RECORD_BYTES = 16_384 + 2048;
/**
 * What an encrypted alert of TLS 1.3 has: level, description, the type, and 16 bytes that authenticate it, without padding,
 * which no implementation adds (RFC 8446 section 5.2). Of what may come instead in a handshake, nothing is so short.
 */
export const SEALED_ALERT_BYTES = 19;

const TYPES = {
  20: 'change-cipher-spec',
  21: 'alert',
  22: 'handshake',
  23: 'application-data',
  24: 'heartbeat',
} as const;
export type RecordType = (typeof TYPES)[keyof typeof TYPES];

/** The header of a record. */
export interface TlsRecord {
  readonly kind: 'tls-record';
  readonly type: RecordType;
  /** As the record says it, which is TLS 1.2 or 1.0 whatever both sides speak (RFC 8446 section 5.1). */
  readonly version: number;
  /** Bytes after the header. */
  readonly length: number;
}

/** The header that bytes begin with. Only application data may be empty (RFC 8446 section 5.1, RFC 5246 section 6.2.1). */
export function decodeTlsRecord(bytes: Uint8Array): TlsRecord | Malformed {
  const cursor = new Cursor(bytes, 'tls');
  const type = cursor.u8('record type');
  const version = cursor.u16be('record version');
  const length = cursor.u16be('record length');
  if (cursor.failure) return cursor.failure;
  if (!isRecordType(type)) return cursor.fail(`record type ${type} is none from 20 to 24`, 0);
  if (version >> 8 !== 3) return cursor.fail(`record version 0x${version.toString(16)} is none of TLS`, 1);
  if (length > MAX_RECORD_BYTES)
    return cursor.fail(`a record of ${length} bytes is announced, expected at most ${MAX_RECORD_BYTES}`, 3);
  const name = TYPES[type];
  if (length === 0 && name !== 'application-data') return cursor.fail(`a record of type ${name} is empty`, 3);
  return { kind: 'tls-record', type: name, version, length };
}

const isRecordType = (type: number): type is keyof typeof TYPES => type in TYPES;

/** An alert that is not encrypted. */
export interface TlsAlert {
  readonly kind: 'tls-alert';
  readonly fatal: boolean;
  readonly description: number;
  /** `unknown_ca`. */
  readonly name: string;
}

/** Alerts that end nothing by themselves, whatever their level says (RFC 8446 section 6.1, RFC 5246 section 7.2.2). */
const HARMLESS: ReadonlySet<number> = new Set([0, 90, 100]);
const FATAL = 2;

/** The content of an alert record. */
export function decodeTlsAlert(bytes: Uint8Array): TlsAlert | Malformed {
  const cursor = new Cursor(bytes, 'tls');
  const level = cursor.u8('alert level');
  const description = cursor.u8('alert description');
  if (cursor.failure) return cursor.failure;
  if (level !== 1 && level !== FATAL) return cursor.fail(`alert level ${level} is neither warning nor fatal`, 0);
  const fatal = level === FATAL && !HARMLESS.has(description);
  return { kind: 'tls-alert', fatal, description, name: alertName(description) };
}
