import type { MembershipEvent, QueryEvent } from '../observe/events.ts';
import { useOfGroup } from '../wire/groups.ts';

const listed = (all: readonly string[]): string | undefined => (all.length === 0 ? undefined : all.join(', '));

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
    hears: version === 3 ? filterText(event) : undefined,
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
export function filterText({ filter }: Pick<MembershipEvent, 'filter'>): string {
  const sources = filter.sources.toSorted().join(', ');
  if (filter.mode === 'include') return sources === '' ? 'none' : sources;
  return sources === '' ? 'all' : `all but ${sources}`;
}
