import type { Conversation, Conversations, Judging } from '../../base/judge/conversations.ts';
import type { Dhcpv6Event } from '../observe/events.ts';
import type { Exchange } from './exchange.ts';
import { iaidOf } from './facts.ts';
import { dhcpv6Machine } from './machine.ts';

/** The exchange of a client that asks for settings only. */
const SETTINGS = 'settings';

/** What a client says of an address that it has, beside the exchange that gave it: each is answered for itself. */
const BY_THE_WAY: ReadonlySet<Dhcpv6Event['type']> = new Set<Dhcpv6Event['type']>([
  'dhcpv6.confirm',
  'dhcpv6.renew',
  'dhcpv6.rebind',
  'dhcpv6.release',
]);

/** One conversation for each identity association of a client, and one about settings without addresses. */
export const dhcpv6Judging: Judging<Dhcpv6Event, 'dhcpv6'> = {
  machines: { dhcpv6: { logic: dhcpv6Machine } },
  hears: ['dhcpv6'],
  route: (event, conversations) => conversationOf(event, conversations).send(event),
};

function conversationOf({ type, message }: Dhcpv6Event, conversations: Conversations<'dhcpv6'>): Conversation {
  const iaid = iaidOf(message);
  const byTheWay = `transaction ${message.transaction}`;
  if (BY_THE_WAY.has(type)) return conversations.get('dhcpv6', byTheWay);
  const told = type === 'dhcpv6.reply' ? conversations.find('dhcpv6', byTheWay) : undefined;
  if (told) return told;
  if (type === 'dhcpv6.information-request') return conversations.get('dhcpv6', SETTINGS);
  const own = iaid === undefined ? undefined : conversations.find('dhcpv6', String(iaid));
  if (own) return own;
  // An answer without an association, or with a wrong one, is known by the transaction that waits for it.
  const isAnswer = type === 'dhcpv6.advertise' || type === 'dhcpv6.reply';
  const asking = isAnswer
    ? conversations.waiting('dhcpv6').find(({ context }) => (context as Exchange).transaction === message.transaction)
    : undefined;
  return asking ?? conversations.get('dhcpv6', iaid === undefined ? SETTINGS : String(iaid));
}
