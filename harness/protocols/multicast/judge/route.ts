import type { Judging } from '../../base/judge/conversations.ts';
import type { IgmpEvent } from '../../igmp/observe/events.ts';
import type { MulticastEvent } from '../observe/events.ts';
import { multicastMachine } from './machine.ts';

/** One conversation for each session of a receiver, which hears that the client is in a group, too. */
export const multicastJudging: Judging<MulticastEvent | IgmpEvent, 'multicast'> = {
  machines: { multicast: { logic: multicastMachine, input: ({ planned }) => ({ planned }) } },
  hears: ['multicast', 'igmp'],
  route(event, conversations) {
    if ('session' in event) return conversations.get('multicast', event.session).send(event);
    if (event.type !== 'igmp.join' && event.type !== 'igmp.report') return [];
    return conversations.waiting('multicast').flatMap((one) => one.send(event));
  },
};
