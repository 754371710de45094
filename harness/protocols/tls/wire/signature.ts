import { CLIENT_HELLO, SERVER_HELLO } from './hello.ts';
import { decodeTlsRecord, RECORD_HEADER_BYTES } from './record.ts';
import { isMalformed } from '../../../packet/malformed.ts';

/** Which side's stream begins so: with a record that begins with its hello. */
export function tlsSpeaker(bytes: Uint8Array): 'client' | 'server' | undefined {
  const record = decodeTlsRecord(bytes);
  if (isMalformed(record) || record.type !== 'handshake') return undefined;
  // A message of 16 MiB is announced by other bytes that happen to begin so.
  if (bytes[RECORD_HEADER_BYTES + 1] !== 0) return undefined;
  const type = bytes[RECORD_HEADER_BYTES];
  return type === CLIENT_HELLO ? 'client' : type === SERVER_HELLO ? 'server' : undefined;
}
