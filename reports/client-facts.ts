import type { ClientResult } from './result.ts';

/** What a capture shows of who a client is, each in some words: its addresses, its architecture, the programs that it ran, where it is. */
export function clientFacts(client: ClientResult): string[] {
  const { ip, ips, profiles = [], vendorClass, architecture, relay, vlan, startedAt } = client;
  return [
    ...(ips ?? (ip === undefined ? [] : [ip])),
    ...(architecture === undefined ? [] : [`arch ${architecture}`]),
    ...(vendorClass === undefined ? [] : [vendorClass]),
    ...(profiles.length === 0 ? [] : [profiles.map(({ title }) => title).join(' → ')]),
    ...(relay === undefined ? [] : [`relay ${relay}`]),
    ...(vlan === undefined ? [] : [`VLAN ${vlan}`]),
    ...(startedAt === undefined ? [] : [`from ${wallClock(startedAt)}`]),
    ...(client.booting === false ? ['does not boot over the network'] : []),
  ];
}

/** `2026-11-27 10:02:11.204 UTC` of an ISO 8601 time in UTC. */
export function wallClock(iso: string): string {
  return iso.replace('T', ' ').replace(/(?:\.000)?Z$/, ' UTC');
}
