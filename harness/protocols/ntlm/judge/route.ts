import type { Judging } from '../../base/judge/conversations.ts';
import type { NtlmEvent } from '../observe/events.ts';
import { ntlmMachine } from './machine.ts';

/** One conversation for each connection. */
export const ntlmJudging: Judging<NtlmEvent, 'ntlm'> = {
  machines: { ntlm: { logic: ntlmMachine } },
  hears: ['ntlm'],
  route: (event, conversations) => conversations.get('ntlm', event.connection).send(event),
};
