import { abandoned, type Judging } from '../../base/judge/conversations.ts';
import type { TftpEvent } from '../observe/events.ts';
import { tftpMachine } from './machine.ts';

/** One conversation for each transfer; a port that is used for another request begins one anew. */
export const tftpJudging: Judging<TftpEvent, 'tftp'> = {
  machines: { tftp: { logic: tftpMachine, input: ({ loading }) => loading() } },
  hears: ['tftp'],
  route(event, conversations) {
    const current = conversations.find('tftp', event.transfer);
    const fresh = event.type === 'tftp.read-request' && !event.repeated;
    if (!current) return conversations.begin('tftp', event.transfer).send(event);
    if (!fresh || current.state === 'idle') return current.send(event);
    return [...abandoned(current, event), ...conversations.begin('tftp', event.transfer).send(event)];
  },
};
