import type { Judging } from '../../base/judge/conversations.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { ExcessEvent, IgmpEvent } from '../observe/events.ts';
import { queryDetail } from './details.ts';
import { igmpMachine } from './machine.ts';
import { forwardedBreach } from './rules.ts';
import { IGMP } from './vocabulary.ts';

const { judged, recorded } = stepBuilders('igmp', IGMP);

const excessStep = (event: ExcessEvent) =>
  recorded({
    step: 'igmp.excess',
    at: event,
    detail: { group: event.group, followed: event.followed },
    why: 'no system joins so many groups: a program that tries addresses out, or an attack on switches, whose tables are small',
  });

/** One conversation for each group of a client. A query is a step by itself, and begins the wait of each group that it asks about. */
export const igmpJudging: Judging<IgmpEvent, 'igmp'> = {
  machines: { igmp: { logic: igmpMachine } },
  hears: ['igmp'],
  route(event, conversations) {
    if (event.type === 'igmp.excess') return [excessStep(event)];
    if (event.type !== 'igmp.query') return conversations.get('igmp', event.group).send(event);
    // One that nobody counts on may have any time to live; so may one about a group that the client is not in.
    const breach = event.asks.length === 0 ? undefined : forwardedBreach(event);
    return [
      judged({ step: 'igmp.query', at: event, detail: queryDetail(event), breach }),
      ...event.asks.flatMap((group) => conversations.get('igmp', group).send(event)),
    ];
  },
};
