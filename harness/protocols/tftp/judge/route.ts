import { abandoned, type Judging } from '../../base/judge/conversations.ts';
import { isOfExchange } from '../../icmp/judge/exchange.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TftpEvent } from '../observe/events.ts';
import { tftpMachine } from './machine.ts';
import type { TransferContext } from './steps.ts';

/** One conversation for each transfer; a port that is used for another request begins one anew. */
export const tftpJudging: Judging<TftpEvent | IcmpEvent, 'tftp'> = {
  machines: { tftp: { logic: tftpMachine, input: ({ loading }) => loading() } },
  hears: ['tftp', 'icmp'],
  route(event, conversations) {
    if (event.type === 'icmp.unreachable')
      return conversations
        .waiting('tftp')
        .filter(({ context }) => isRefused(context as TransferContext, event))
        .flatMap((conversation) => conversation.send(event));
    const current = conversations.find('tftp', event.transfer);
    const fresh = event.type === 'tftp.read-request' && !event.repeated;
    if (!current) return conversations.begin('tftp', event.transfer).send(event);
    if (!fresh || current.state === 'idle') return current.send(event);
    return [...abandoned(current, event), ...conversations.begin('tftp', event.transfer).send(event)];
  },
};

/** The request goes to port 69 and the rest to a port that the server chose: only its address is the same. */
const isRefused = ({ transfer, server }: TransferContext, event: IcmpEvent): boolean =>
  isOfExchange(event, { client: transfer.slice(0, transfer.indexOf('>')), serverIp: server });
