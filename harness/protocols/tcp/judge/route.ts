import { type Judging, tell } from '../../base/judge/conversations.ts';
import { endText } from '../../base/observe/flow-ends.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TcpEvent } from '../observe/events.ts';
import { tcpMachine } from './machine.ts';

/** One conversation for each connection. */
export const tcpJudging: Judging<TcpEvent | IcmpEvent, 'tcp'> = {
  machines: { tcp: { logic: tcpMachine, input: ({ unreachable }) => ({ unreachable }) } },
  hears: ['tcp', 'icmp'],
  route(event, conversations) {
    if (event.type !== 'icmp.unreachable') return conversations.get('tcp', event.connection).send(event);
    // An error about an open connection is no end of it: TCP sends again (RFC 1122 section 4.2.3.9).
    const opening = conversations.find('tcp', `${endText(event.sender)}>${endText(event.receiver)}`);
    return opening?.state === 'opening' ? tell(opening, event) : [];
  },
};
