import { derChildren, derElement, objectIdentifier } from '../../../packet/der.ts';
import { decodeKerberos, type KerberosMessage } from './codec.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';

const APPLICATION_0 = 0x60;
const OID = 0x06;
/** Token ids of RFC 4121 section 4.1 before the messages that follow them. */
const TOKEN_IDS: Readonly<Record<number, string>> = { 0x0100: 'AP-REQ', 0x0200: 'AP-REP', 0x0300: 'KRB-ERROR' };

/** The Kerberos message in a GSS-API token (RFC 4121 section 4.1): object identifier, token id, message. */
export function decodeGssKerberos(token: Uint8Array): KerberosMessage | Malformed {
  const outer = derElement(token, 0);
  if (isMalformed(outer)) return outer;
  // Windows and Samba send a bare AP-REQ or AP-REP inside SPNEGO now and then (DCE style, RFC 4757 section 7.2).
  if (outer.tag !== APPLICATION_0) return decodeKerberos(token);
  const [mechanism] = derChildren(outer);
  if (mechanism?.tag !== OID)
    return malformed(
      'kerberos',
      'the GSS-API token does not begin with an object identifier',
      token,
      outer.headerLength,
    );
  const rest = outer.content.subarray(mechanism.length);
  const id = ((rest[0] ?? 0) << 8) | (rest[1] ?? 0);
  if (rest.length < 2 || TOKEN_IDS[id] === undefined)
    return malformed(
      'kerberos',
      `expected token id 0x0100, 0x0200 or 0x0300 after ${objectIdentifier(mechanism.content)}, got ${rest.length < 2 ? `${rest.length} bytes` : `0x${id.toString(16).padStart(4, '0')}`}`,
      token,
      outer.headerLength + mechanism.length,
    );
  return decodeKerberos(rest.subarray(2));
}
