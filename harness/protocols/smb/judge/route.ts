import { type Judging, tell } from '../../base/judge/conversations.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { TcpEvent } from '../../tcp/observe/events.ts';
import type { SmbEvent } from '../observe/events.ts';
import { smbMachine } from './machine.ts';

/** One conversation for each connection; TCP and NTLM say what becomes of it. */
export const smbJudging: Judging<SmbEvent | TcpEvent | NtlmEvent, 'smb'> = {
  machines: { smb: { logic: smbMachine, input: ({ loading }) => ({ expectedPaths: loading().expectedPaths }) } },
  hears: ['smb', 'tcp', 'ntlm'],
  route(event, conversations) {
    if (event.type.startsWith('smb.')) return conversations.get('smb', event.connection).send(event);
    const known = conversations.find('smb', event.connection);
    // A machine that starts again takes the same ports again.
    if (event.type === 'tcp.syn' && known?.state === 'over') conversations.begin('smb', event.connection);
    return tell(known, event);
  },
};
