import { abandoned, type Judging, tell } from '../../base/judge/conversations.ts';
import type { TcpEvent } from '../../tcp/observe/events.ts';
import type { HttpEvent } from '../observe/events.ts';
import { httpMachine } from './machine.ts';

/** One conversation for each connection, begun anew with each request on it. */
export const httpJudging: Judging<HttpEvent | TcpEvent, 'http'> = {
  machines: { http: { logic: httpMachine, input: ({ loading }) => loading() } },
  hears: ['http', 'tcp'],
  route(event, conversations) {
    const current = conversations.find('http', event.connection);
    if (event.type.startsWith('tcp.')) return tell(current, event);
    if (!current) return conversations.begin('http', event.connection).send(event);
    if (event.type !== 'http.request' || current.state === 'idle') return current.send(event);
    return [...abandoned(current, event), ...conversations.begin('http', event.connection).send(event)];
  },
};
