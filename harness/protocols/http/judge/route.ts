import { abandoned, type Judging } from '../../base/judge/conversations.ts';
import type { HttpEvent } from '../observe/events.ts';
import { httpMachine } from './machine.ts';

/** One conversation for each connection, begun anew with each request on it. */
export const httpJudging: Judging<HttpEvent, 'http'> = {
  machines: { http: { logic: httpMachine, input: ({ loading }) => loading() } },
  hears: ['http'],
  route(event, conversations) {
    const current = conversations.find('http', event.connection);
    if (!current) return conversations.begin('http', event.connection).send(event);
    if (event.type !== 'http.request' || current.state === 'idle') return current.send(event);
    return [...abandoned(current, event), ...conversations.begin('http', event.connection).send(event)];
  },
};
