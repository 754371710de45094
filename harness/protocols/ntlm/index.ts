import { defineProtocol } from '../protocol.ts';
import { ntlmJudging } from './judge/route.ts';
import { NTLM } from './judge/vocabulary.ts';
import type { NtlmEvent } from './observe/events.ts';

export const ntlm = defineProtocol<NtlmEvent>()({
  name: 'ntlm',
  about: 'NT LAN Manager authentication (MS-NLMP), inside SMB and RPC',
  over: ['kerberos', 'tcp'],
  events: {
    'ntlm.negotiate': 'the client begins',
    'ntlm.challenge': 'the server challenges it',
    'ntlm.authenticate': 'the client answers as a user',
  },
  words: NTLM,
  judge: ntlmJudging,
  boot: { speaker: 'system' },
});
