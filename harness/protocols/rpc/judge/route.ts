import { type Judging, tell } from '../../base/judge/conversations.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { TcpEvent } from '../../tcp/observe/events.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import type { RpcEvent } from '../observe/events.ts';
import { rpcMachine } from './machine.ts';

/** One conversation for each connection, with what is said over it to WDS; TCP and NTLM say what becomes of it. */
export const rpcJudging: Judging<RpcEvent | WdsEvent | TcpEvent | NtlmEvent, 'rpc'> = {
  machines: { rpc: { logic: rpcMachine } },
  hears: ['rpc', 'wds', 'tcp', 'ntlm'],
  route: (event, conversations) =>
    /^(rpc|wds)\./.test(event.type)
      ? conversations.get('rpc', event.connection).send(event)
      : tell(conversations.find('rpc', event.connection), event),
};
