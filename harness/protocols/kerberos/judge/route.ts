import type { Judging } from '../../base/judge/conversations.ts';
import type { KerberosEvent } from '../observe/events.ts';
import { kerberosMachine } from './machine.ts';

/**
 * AS, TGS and AP exchanges of a client are conversations of their own: a failed one does not end the others (RFC 4120
 * section 3).
 */
export const kerberosJudging: Judging<KerberosEvent, 'kerberos'> = {
  machines: { kerberos: { logic: kerberosMachine, input: (_facts, exchange) => ({ exchange }) } },
  hears: ['kerberos'],
  route: (event, conversations) => conversations.get('kerberos', exchangeOf(event)).send(event),
};

function exchangeOf(event: KerberosEvent): 'as' | 'tgs' | 'ap' {
  if (event.type === 'kerberos.error') return event.during;
  if (event.type === 'kerberos.ap-request') return 'ap';
  return event.type === 'kerberos.as-request' || event.type === 'kerberos.as-reply' ? 'as' : 'tgs';
}
