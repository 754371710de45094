import { isMalformed } from '../../packet/malformed.ts';
import { SERVER_HELLO } from '../../protocols/tls/wire/hello.ts';
import { decodeTlsRecord, RECORD_HEADER_BYTES } from '../../protocols/tls/wire/record.ts';
import type { Field } from './frame-field.ts';

/** Where a ServerHello has the length of its session id: behind type, length, version and random. */
const SESSION_AT = RECORD_HEADER_BYTES + 4 + 2 + 32;

/** The fields that the room of TLS reads of a segment that begins with a record; none in the middle of one. */
export function tlsFields(payload: Uint8Array): Field[] {
  const record = decodeTlsRecord(payload);
  if (isMalformed(record)) return [];
  const header: Field[] = [
    { name: 'record type', at: 0, bits: 1 },
    { name: 'record length', at: 4, bits: 1 },
  ];
  if (record.type !== 'handshake' || payload[RECORD_HEADER_BYTES] !== SERVER_HELLO) return header;
  const cipherAt = SESSION_AT + 1 + (payload[SESSION_AT] ?? 0);
  return [
    ...header,
    { name: 'hello type', at: RECORD_HEADER_BYTES, bits: 1 },
    { name: 'cipher', at: cipherAt + 1, bits: 1 },
  ];
}
