import type { Judging } from '../../base/judge/conversations.ts';
import type { TlsEvent } from '../observe/events.ts';
import type { TlsContext } from './context.ts';
import { tlsMachine } from './machine.ts';

/** One conversation for each connection. A client that was cut off goes on with another one. */
export const tlsJudging: Judging<TlsEvent, 'tls'> = {
  machines: {
    tls: { logic: tlsMachine, input: ({ listens }) => ({ isStore: (port: number) => listens('tls', port) }) },
  },
  hears: ['tls'],
  route(event, conversations) {
    const current = conversations.find('tls', event.connection);
    const isNew = event.type === 'tls.client-hello' && (current?.state ?? 'idle') !== 'offered';
    const before = isNew ? conversations.waiting('tls').filter(({ state }) => state === 'cut') : [];
    const goesOn = before.filter(({ context }) => isOf(context as TlsContext, event)).flatMap((one) => one.send(event));
    const again = isNew && current !== undefined ? conversations.begin('tls', event.connection) : undefined;
    return [...goesOn, ...(again ?? conversations.get('tls', event.connection)).send(event)];
  },
};

const isOf = ({ server, port }: TlsContext, event: TlsEvent): boolean =>
  event.server.ip === server && event.server.port === port;
