import { dissectMalformed, layer, type Dissection } from '../../../packet/dissection.ts';
import { decodeKerberos, encryptionTypeName, type KerberosMessage } from './codec.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { ntStatusName } from '../../../packet/ntstatus.ts';

/** A Kerberos message: `Kerberos AS-REQ administrateur@SYSTEM.LAB for krbtgt/SYSTEM.LAB`. */
export function dissectKerberos(bytes: Uint8Array): Dissection {
  return dissectKerberosMessage(decodeKerberos(bytes), bytes);
}

/**
 * A segment that begins with a length and its message (RFC 4120 section 7.2.2); a message that continues in the next
 * segment is shown as TCP only.
 */
export function dissectKerberosSegment(bytes: Uint8Array): Dissection | undefined {
  if (bytes.length < 5) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const first = bytes[4] ?? 0;
  return length === bytes.length - 4 && (first & 0x60) === 0x60 ? dissectKerberos(bytes.subarray(4)) : undefined;
}

/** A Kerberos message that was decoded already. */
export function dissectKerberosMessage(message: KerberosMessage | Malformed, bytes: Uint8Array): Dissection {
  if (isMalformed(message)) return dissectMalformed(message);
  const { type, kind: _kind, ...fields } = message;
  const shown = Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value)
        ? value.map((item: number) => (name === 'encryptionTypes' ? encryptionTypeName(item) : String(item))).join(', ')
        : (value as string | number | undefined),
    ]),
  );
  const status =
    message.type === 'error' && message.ntStatus !== undefined ? { ntStatus: ntStatusName(message.ntStatus) } : {};
  return { summary: `Kerberos ${words(message)}`, layers: [layer('kerberos', bytes, { type, ...shown, ...status })] };
}

function words(message: KerberosMessage): string {
  const what = message.type.toUpperCase();
  if (message.type === 'error') return `error ${message.name}`;
  const who = 'client' in message ? ` ${message.client}@${message.realm}` : '';
  return `${what}${who}${message.service === undefined ? '' : ` for ${message.service}`}`;
}
