import { defineProtocol } from '../protocol.ts';
import { kerberosJudging } from './judge/route.ts';
import { KERBEROS } from './judge/vocabulary.ts';
import type { KerberosEvent } from './observe/events.ts';
import { KerberosObserver } from './observe/observer.ts';
import { KerberosSession } from './observe/session.ts';
import { dissectKerberos, dissectKerberosSegment } from './wire/dissect.ts';
import { KERBEROS_PORT } from './wire/ports.ts';

export const kerberos = defineProtocol<KerberosEvent>()({
  name: 'kerberos',
  about: 'Kerberos (RFC 4120), as far as it goes unencrypted',
  over: ['tcp'],
  events: {
    'kerberos.as-request': 'the client asks for a ticket-granting ticket',
    'kerberos.as-reply': 'the KDC grants it',
    'kerberos.tgs-request': 'the client asks for a ticket for a service',
    'kerberos.tgs-reply': 'the KDC grants it',
    'kerberos.ap-request': 'the client presents a ticket to a service',
    'kerberos.error': 'the KDC or the service refuses',
  },
  words: KERBEROS,
  udp: { ports: [KERBEROS_PORT], sender: 'candidate', observe: (client) => new KerberosObserver(client) },
  tcp: {
    ports: [KERBEROS_PORT],
    byPort: true,
    open: (connection, _fromStart, client) => new KerberosSession(connection, client),
  },
  dissect: (bytes, { carrier }) => (carrier === 'udp' ? dissectKerberos(bytes) : dissectKerberosSegment(bytes)),
  judge: kerberosJudging,
  boot: { speaker: 'system', begins: { authentication: ({ step }) => step === 'kerberos.as' } },
});
