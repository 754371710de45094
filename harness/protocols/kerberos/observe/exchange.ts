import { encryptionTypeName, type KerberosMessage } from '../wire/codec.ts';
import { ntStatusName } from '../../../packet/ntstatus.ts';
import type { EventBody } from '../../base/observe/event-body.ts';
import type { KerberosEvent } from './events.ts';

/** Which exchange an error belongs to: the KDC's two, or a service's own (RFC 4120 section 3). */
export type KerberosExchange = 'as' | 'tgs' | 'ap';

/**
 * PA-ENC-TIMESTAMP, and SPAKE, which is another proof of the same password (RFC 4120 section 5.2.7.2,
 * draft-ietf-kitten-krb-spake-preauth).
 */
const PROOFS = new Set([2, 151]);

type Body = EventBody<KerberosEvent, 'frame' | 'atUs' | 'client' | 'server' | 'carrier'>;

/**
 * What a Kerberos message says, as the particular part of an event; undefined for an AP-REP, which says nothing.
 * `during`: the exchange that an error answers.
 */
export function kerberosBody(message: KerberosMessage, during: KerberosExchange): Body | undefined {
  switch (message.type) {
    case 'as-req':
    case 'tgs-req': {
      const { realm, client, service } = message;
      return {
        type: message.type === 'as-req' ? 'kerberos.as-request' : 'kerberos.tgs-request',
        realm,
        ...(client === undefined ? {} : { user: client }),
        ...(service === undefined ? {} : { service }),
        encryptionTypes: message.encryptionTypes.map(encryptionTypeName),
        preAuthenticated: message.preAuthentication.some((type) => PROOFS.has(type)),
      };
    }
    case 'as-rep':
    case 'tgs-rep':
      return {
        type: message.type === 'as-rep' ? 'kerberos.as-reply' : 'kerberos.tgs-reply',
        user: message.client,
        realm: message.realm,
        service: message.service,
        encryptionType: encryptionTypeName(message.encryptionType),
      };
    case 'ap-req':
      return { type: 'kerberos.ap-request', service: message.service ?? '', realm: message.realm ?? '' };
    case 'ap-rep':
      return undefined;
    case 'error': {
      const { code, name, realm, client, service, text, ntStatus } = message;
      return {
        type: 'kerberos.error',
        during,
        code,
        codeName: name,
        realm,
        ...(client === undefined ? {} : { user: client }),
        ...(service === undefined ? {} : { service }),
        ...(text === undefined ? {} : { text }),
        ...(ntStatus === undefined ? {} : { ntStatus, ntStatusName: ntStatusName(ntStatus) }),
      };
    }
  }
}

/** The exchange that a message begins or belongs to; undefined for an error, which has none of its own. */
export function exchangeOf(message: KerberosMessage): KerberosExchange | undefined {
  return message.type === 'error' ? undefined : (message.type.slice(0, message.type.indexOf('-')) as KerberosExchange);
}
