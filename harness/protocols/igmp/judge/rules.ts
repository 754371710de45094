import type { Breach } from '../../base/judge/step.ts';
import type { MembershipEvent, OtherReportEvent, QueryEvent } from '../observe/events.ts';
import { isBackground, isForwardable, isGroup } from '../wire/groups.ts';
import type { IGMP } from './vocabulary.ts';

type IgmpBreach = Breach<keyof typeof IGMP.causes>;
/** What a rule looks at; of any event, its type apart. */
type Message = Omit<MembershipEvent, 'type'> | Omit<QueryEvent, 'type'> | Omit<OtherReportEvent, 'type'>;

/** What is wrong with the client's own words about a group. */
export const membershipBreach = (message: Omit<MembershipEvent, 'type'>): IgmpBreach | undefined =>
  groupBreach(message.group) ?? forwardedBreach(message);

/**
 * A packet to a group with a larger time to live than 1 is carried to other links: those receivers take it for one of theirs.
 * To a group that no router carries, or about one that has nothing to do with a boot, it does no harm (decision 130).
 */
export function forwardedBreach({ to, ttl, group }: Pick<Message, 'to' | 'ttl' | 'group'>): IgmpBreach | undefined {
  if (ttl <= 1 || !isForwardable(to) || isBackground(group ?? to)) return undefined;
  return {
    expected: `time to live 1 (RFC ${group === undefined ? '3376 section 4' : '2236 section 2'}) of a message to ${to}`,
    actual: `time to live ${ttl}`,
    cause: 'igmp-forwarded',
  };
}

function groupBreach(group: string): IgmpBreach | undefined {
  if (isGroup(group)) return undefined;
  return {
    expected: 'a group’s address, 224.0.0.0 to 239.255.255.255 (RFC 1112 section 4)',
    actual: group,
    cause: 'no-group',
  };
}
