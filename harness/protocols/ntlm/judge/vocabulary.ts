import { LOGON_CAUSES } from '../../base/judge/windows-words.ts';
import { SESSION_WAITS } from '../../base/judge/session-waits.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const CARRIER = ['string', '`smb` or `rpc`', ['smb', 'rpc']] as const;

/** The words of this room. */
export const NTLM = {
  steps: {
    'ntlm.negotiate': { about: 'the client begins NTLM', details: { carrier: CARRIER, flags: 'string' } },
    'ntlm.challenge': {
      about: 'the server sends its NTLM challenge',
      details: { target: 'string', carrier: CARRIER, flags: 'string' },
    },
    'ntlm.authenticate': {
      about:
        'the client answers the challenge as a user; smb.session-setup, or over RPC the next answer, shows whether the server accepts it',
      details: { user: ['string', 'DOMAIN\\user'], workstation: 'string', anonymous: 'boolean', carrier: CARRIER },
    },
  },
  causes: {
    ...LOGON_CAUSES,
    'smb-silent': { why: 'the file server accepted the connection and then did not answer: look at its log' },
    'rpc-silent': { why: 'the RPC server took the request and did not answer: look at its log' },
  },
  waits: {
    ...SESSION_WAITS,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
