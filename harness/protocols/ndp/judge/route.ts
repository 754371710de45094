import type { Judging } from '../../base/judge/conversations.ts';
import type { NdpEvent, NeighbourEvent } from '../observe/events.ts';
import { ndpMachine } from './machine.ts';
import { routerMachine } from './router-machine.ts';

/** A client has one conversation with all routers. */
const ONLY = '';

/** One conversation for each asking and asked address, and one about routers. */
export const ndpJudging: Judging<NdpEvent, 'ndp' | 'router'> = {
  machines: { ndp: { logic: ndpMachine }, router: { logic: routerMachine } },
  hears: ['ndp'],
  route(event, conversations) {
    if (event.type === 'ndp.router-solicitation' || event.type === 'ndp.router-advertisement')
      return conversations.get('router', ONLY).send(event);
    // The answer to a host that looks for a duplicate goes to everybody (RFC 4861 section 7.2.4).
    const probe = event.targetIp.startsWith('ff') ? conversations.find('ndp', questionOf('::', event)) : undefined;
    return (probe ?? conversations.get('ndp', questionOf(askerOf(event), event))).send(event);
  },
};

const askerOf = ({ type, senderIp, targetIp }: NeighbourEvent): string =>
  type === 'ndp.solicitation' ? senderIp : targetIp;

const questionOf = (asker: string, { type, senderIp, targetIp }: NeighbourEvent): string =>
  `${asker}>${type === 'ndp.solicitation' ? targetIp : senderIp}`;
