import type { ConnectionSeen } from '../../base/observe/seen.ts';
import { decodeGssKerberos } from '../../kerberos/wire/gss.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeSecurityToken, type SecurityToken } from '../wire/spnego.ts';
import type { KerberosEvent } from '../../kerberos/observe/events.ts';
import type { NtlmEvent } from './events.ts';
import { kerberosBody } from '../../kerberos/observe/exchange.ts';

/** What a security buffer of SESSION_SETUP holds. */
interface AuthenticationFacts {
  readonly mechanism: SecurityToken['mechanism'];
  readonly event: NtlmEvent | KerberosEvent | undefined;
  readonly malformed: Malformed | undefined;
}

/**
 * The NTLMSSP or Kerberos message in a security buffer, raw or in SPNEGO, as an event (MS-NLMP section 2.2.1, RFC 4121
 * section 4.1).
 */
export function authenticationFacts(
  securityBuffer: Uint8Array,
  carrier: 'smb' | 'rpc',
  seen: ConnectionSeen,
): AuthenticationFacts {
  if (securityBuffer.length === 0) return { mechanism: 'unknown', event: undefined, malformed: undefined };
  const token = decodeSecurityToken(securityBuffer);
  if (isMalformed(token)) return { mechanism: 'unknown', event: undefined, malformed: token };
  const { mechanism, ntlm } = token;
  if (mechanism === 'kerberos' && token.token && carrier === 'smb') return kerberosFacts(token.token, seen);
  if (isMalformed(ntlm)) return { mechanism, event: undefined, malformed: ntlm };
  return { mechanism, event: ntlm && eventOf(ntlm, carrier, seen), malformed: undefined };
}

function kerberosFacts(token: Uint8Array, { frame, atUs, client, server }: ConnectionSeen): AuthenticationFacts {
  const message = decodeGssKerberos(token);
  if (isMalformed(message)) return { mechanism: 'kerberos', event: undefined, malformed: message };
  const body = kerberosBody(message, 'ap');
  return {
    mechanism: 'kerberos',
    event: body && { ...body, frame, atUs, client, server, carrier: 'smb' },
    malformed: undefined,
  };
}

function eventOf(
  ntlm: NonNullable<Exclude<SecurityToken['ntlm'], Malformed>>,
  carrier: 'smb' | 'rpc',
  seen: ConnectionSeen,
): NtlmEvent {
  const { flags } = ntlm;
  switch (ntlm.type) {
    case 1:
      return { type: 'ntlm.negotiate', flags, carrier, ...seen };
    case 2:
      return { type: 'ntlm.challenge', flags, targetName: ntlm.targetName, carrier, ...seen };
    case 3:
      return {
        type: 'ntlm.authenticate',
        domain: ntlm.domain,
        user: ntlm.user,
        workstation: ntlm.workstation,
        anonymous: ntlm.anonymous,
        carrier,
        ...seen,
      };
  }
}
