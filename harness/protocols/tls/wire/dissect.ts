import { dissectMalformed, layer, type DissectedLayer, type Dissection } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { CLIENT_HELLO, decodeClientHello, decodeServerHello, HANDSHAKE_HEADER_BYTES, SERVER_HELLO } from './hello.ts';
import { handshakeName, versionName } from './names.ts';
import { decodeTlsAlert, decodeTlsRecord, RECORD_HEADER_BYTES, type TlsRecord } from './record.ts';

/** Records of one segment that are shown. */
const MAX_SHOWN = 16;

/** A segment that begins with a TLS record, for people; one in the middle of a record shows nothing of it. */
export function dissectTls(bytes: Uint8Array): Dissection | undefined {
  const summaries: string[] = [];
  const layers: DissectedLayer[] = [];
  let sealed = false;
  for (let at = 0; at + RECORD_HEADER_BYTES <= bytes.length && summaries.length < MAX_SHOWN; ) {
    const record = decodeTlsRecord(bytes.subarray(at));
    if (isMalformed(record)) break;
    const end = at + RECORD_HEADER_BYTES + record.length;
    const content = bytes.subarray(at + RECORD_HEADER_BYTES, end);
    // Behind it a segment of TLS 1.2 has no message that can be read.
    const shown = sealed
      ? { summary: `encrypted ${record.type}, ${record.length} bytes`, layers: [] }
      : dissectContent(record, content);
    sealed ||= record.type === 'change-cipher-spec';
    summaries.push(shown.summary);
    const fields = { type: record.type, version: versionName(record.version), length: record.length };
    const layout = { type: [0, 1], version: [1, 2], length: [3, 2] } as const;
    layers.push(layer('tls', bytes.subarray(at, end), fields, layout), ...shown.layers);
    at = end;
  }
  return summaries.length === 0 ? undefined : { summary: `TLS ${summaries.join(', ')}`, layers };
}

function dissectContent(record: TlsRecord, content: Uint8Array): Dissection {
  const isMark = record.type === 'change-cipher-spec';
  const plain = { summary: isMark ? record.type : `${record.type}, ${record.length} bytes`, layers: [] };
  switch (record.type) {
    case 'handshake':
      return content.length < HANDSHAKE_HEADER_BYTES ? plain : dissectHandshake(content, plain);
    case 'alert': {
      const alert = decodeTlsAlert(content);
      // One that is encrypted is longer.
      if (record.length !== 2) return { ...plain, summary: 'encrypted alert' };
      if (isMalformed(alert)) return dissectMalformed(alert);
      const fields = { description: alert.name, fatal: alert.fatal };
      const layout = { description: [1, 1], fatal: [0, 1] } as const;
      return { summary: `alert ${alert.name}`, layers: [layer('tls-alert', content, fields, layout)] };
    }
    default:
      return plain;
  }
}

function dissectHandshake(content: Uint8Array, plain: Dissection): Dissection {
  const [type = 0, high = 0, middle = 0, low = 0] = content;
  const body = content.subarray(HANDSHAKE_HEADER_BYTES, HANDSHAKE_HEADER_BYTES + ((high << 16) | (middle << 8) | low));
  if (type === CLIENT_HELLO) {
    const hello = decodeClientHello(body);
    // A large one goes on in the next segment.
    if (isMalformed(hello)) return { ...plain, summary: 'ClientHello' };
    const { versions, serverName, protocols, ciphers } = hello;
    const fields = {
      versions: versions.join(', '),
      serverName,
      protocols: protocols.length === 0 ? undefined : protocols.join(', '),
      ciphers: ciphers.join(', '),
    };
    const named = serverName === undefined ? '' : ` to ${serverName}`;
    return { summary: `ClientHello${named}`, layers: [layer('tls-client-hello', body, fields)] };
  }
  if (type === SERVER_HELLO) {
    const hello = decodeServerHello(body);
    if (isMalformed(hello)) return { ...plain, summary: 'ServerHello' };
    const { version, cipher, protocol, retry } = hello;
    const name = retry ? 'HelloRetryRequest' : 'ServerHello';
    const fields = { version, cipher, protocol, retry };
    return { summary: `${name}, ${version}`, layers: [layer('tls-server-hello', body, fields)] };
  }
  return { ...plain, summary: handshakeName(type) };
}
