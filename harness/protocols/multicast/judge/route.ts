import type { Judging } from '../../base/judge/conversations.ts';
import type { MulticastEvent } from '../observe/events.ts';
import { multicastMachine } from './machine.ts';

/** One conversation for each session of a receiver. */
export const multicastJudging: Judging<MulticastEvent, 'multicast'> = {
  machines: { multicast: { logic: multicastMachine } },
  hears: ['multicast'],
  route: (event, conversations) => conversations.get('multicast', event.session).send(event),
};
