import { NTSTATUS_NAMES } from '../../../packet/ntstatus.ts';
import { LOGON_CAUSES } from '../../base/judge/windows-words.ts';
import { KERBEROS_ERRORS } from '../wire/errors.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const REFUSAL = {
  code: ['number', 'code of the error that refused it'],
  error: ['string', 'name of that error', Object.values(KERBEROS_ERRORS)],
  status: ['string', 'NTSTATUS of the extended error', NTSTATUS_NAMES],
} as const;
const TICKET = {
  user: 'string',
  realm: 'string',
  service: 'string',
  encryption: 'string',
  carrier: ['string', '`udp` or `tcp`', ['udp', 'tcp']],
  ...REFUSAL,
} as const;

/** The words of this room. */
export const KERBEROS = {
  steps: {
    'kerberos.as': {
      about:
        'the KDC grants the user a ticket-granting ticket; one step for all requests: the first without pre-authentication, repetitions over TCP',
      details: TICKET,
    },
    'kerberos.tgs': { about: 'the KDC grants a ticket for a service', details: TICKET },
    'kerberos.ap': {
      about: 'the client presents its ticket to a service; smb.session-setup shows whether the service accepts it',
      details: { service: 'string', realm: 'string', carrier: ['string', '`smb`', ['smb']], ...REFUSAL },
    },
    'kerberos.error': {
      about:
        'the KDC refused and clients continue (PREAUTH_REQUIRED, RESPONSE_TOO_BIG); other refusals fail the exchange itself',
      details: {
        user: 'string',
        realm: 'string',
        service: 'string',
        ...REFUSAL,
        text: ['string', "the KDC's explanation"],
      },
      only: 'recorded',
      expectable: true,
    },
  },
  causes: {
    ...LOGON_CAUSES,
    'clock-skew': {
      why: 'the clocks of client and domain controller differ by more than Kerberos allows (five minutes): set the client’s, or its time source',
    },
    'unknown-service': {
      why: 'the domain has no such service: use the server’s name in the domain and not its address, and make sure that its account has that service principal name',
    },
    'unknown-realm': {
      why: 'the domain controller does not know this Kerberos realm: check the domain in the client’s settings',
    },
    'kerberos-silent': {
      why: 'the domain controller does not answer on port 88: see whether it runs, and whether the client uses the domain’s DNS server',
    },
    'kerberos-no-common-encryption': {
      why: 'client and domain share no encryption type: old accounts need a new password to get AES keys',
    },
    'kerberos-wrong-key': {
      why: 'the service cannot decrypt the ticket: its key differs from the directory’s (the server was joined again, or two servers have the same name)',
    },
  },
  waits: {
    kerberos: {
      ms: 15_000,
      about: 'A KDC’s answer: MIT’s and Windows’ clients give up after three tries, some ten seconds.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
