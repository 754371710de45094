import type { Judging } from '../../base/judge/conversations.ts';
import type { TcpEvent } from '../observe/events.ts';
import { tcpMachine } from './machine.ts';

/** One conversation for each connection. */
export const tcpJudging: Judging<TcpEvent, 'tcp'> = {
  machines: { tcp: { logic: tcpMachine, input: ({ unreachable }) => ({ unreachable }) } },
  hears: ['tcp'],
  route: (event, conversations) => conversations.get('tcp', event.connection).send(event),
};
