import type { MembershipEvent, QueryEvent } from '../observe/events.ts';
import { useOfGroup } from '../wire/groups.ts';

/** Addresses that a step shows: a report has hundreds of steps, and one frame hundreds of addresses. */
const SHOWN = 16;

/** The first of some addresses, and how many more there are; undefined without any. */
function listed(all: readonly string[]): string | undefined {
  if (all.length === 0) return undefined;
  const more = all.length - SHOWN;
  return [...all.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** What a member says, as steps show it. */
export function membershipDetail(event: Omit<MembershipEvent, 'type'>) {
  const { group, version, to, ttl, routerAlert, record, sources } = event;
  return {
    group,
    use: useOfGroup(group),
    version,
    to,
    ttl,
    routerAlert,
    record,
    sources: listed(sources),
    hears: version === 3 ? filterText(event, listed) : undefined,
  };
}

/** What a router asks, as steps show it. */
export function queryDetail({ group, querier, version, to, ttl, routerAlert, maxRespMs, sources, asks }: QueryEvent) {
  return {
    group,
    querier: querier.ip,
    version,
    to,
    ttl,
    routerAlert,
    maxRespMs,
    sources: listed(sources),
    asks: listed(asks),
  };
}

/** Whom a client wants to hear in a group: `all`, `all but 10.0.0.8`, `10.0.0.8, 10.0.0.9` or `none`. */
export function filterText(
  { filter }: Pick<MembershipEvent, 'filter'>,
  text = (sources: readonly string[]): string | undefined => sources.join(', '),
): string {
  const sources = text(filter.sources.toSorted()) ?? '';
  if (filter.mode === 'include') return sources === '' ? 'none' : sources;
  return sources === '' ? 'all' : `all but ${sources}`;
}
